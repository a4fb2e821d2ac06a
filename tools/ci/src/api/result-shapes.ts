// One shape of what may be refused: `{ …, refusal }`. Read from the declarations that are published.
import ts from "typescript-api";
import type { ApiEntry, ApiExport } from "./walk.ts";

/** Where an errno stands alone, or something is false without a refusal, and why that is right. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "@memhp/abi EventBody": "`write` is what a program saw; the refusal is an event of its own",
  "@memhp/abi Refusal": "is the refusal",
  "@memhp/abi errnoFromNumber": "translates numbers",
  "@memhp/abi notifierToErrno": "translates numbers",
  "@memhp/capture CapturedEntry": "what another computer's kernel answered, which gave no cause",
  "@memhp/mount/node mountAvailable": "what this computer lacks; nobody was refused",
  "@memhp/scenario ReadAnswer": "the format of the recorded runs; the step has the refusal",
  "@memhp/scenario WriteAnswer": "the format of the recorded runs; the step has the refusal",
  "@memhp/sysfs ExportedEntry": "what a program saw of a file, as a plain tree of files can keep it",
  "@memhp/sysfs FileFault": "an input: the errno that shall be answered",
};

/** A function that answers nothing but an errno. */
const BARE = /^(?:(?:Promise|Task|Awaitable)<)?(?:0 \| )?(?:Errno(?:Name)?|KernelReturn|"E[A-Z]+")\b/;

/** Exports whose shape is another. `@memhp/udev RuleWrite: errno without refusal`. */
export function wrongResultShapes(entries: readonly ApiEntry[]): readonly string[] {
  const problems: string[] = [];
  const used = new Set<string>();
  for (const { entry, exports } of entries)
    for (const each of exports) {
      const name = `${homeOf(each) ?? entry} ${each.name}`;
      const found = shapesOf(each);
      if (found.length === 0) continue;
      if (EXCEPTIONS[`${entry} ${each.name}`] !== undefined) used.add(`${entry} ${each.name}`);
      else if (EXCEPTIONS[name] === undefined) problems.push(...found.map((what) => `${entry} ${each.name}: ${what}`));
    }
  const stale = Object.keys(EXCEPTIONS).filter((name) => !used.has(name));
  return [...new Set(problems), ...stale.map((name) => `${name}: no exception is needed any more`)];
}

/** The package that declares an export which others pass on. */
function homeOf({ source }: ApiExport): string | undefined {
  const [, folder] = /^packages\/([^/]+)\//.exec(source) ?? [];
  return folder === undefined ? undefined : `@memhp/${folder}`;
}

function shapesOf({ declaration }: ApiExport): readonly string[] {
  const file = ts.createSourceFile("declaration.d.ts", declaration, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && BARE.test(node.type?.getText() ?? "")) found.push("answers a bare errno");
    if (ts.isTypeLiteralNode(node) || ts.isInterfaceDeclaration(node)) found.push(...shape(node.members));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function shape(members: ts.NodeArray<ts.TypeElement>): readonly string[] {
  const types = new Map(
    members.flatMap((member) =>
      ts.isPropertySignature(member) ? [[member.name.getText(), member.type?.getText() ?? ""] as const] : [],
    ),
  );
  const has = (name: string): boolean => types.has(name);
  const isRefused = has("refusal") || has("refusals");
  return [
    ...(has("error") ? ["`error` instead of `refusal`"] : []),
    ...(has("errno") && /Errno|KernelReturn|"E[A-Z]+"|number/.test(types.get("errno") ?? "") && !isRefused
      ? ["`errno` without `refusal`"]
      : []),
    ...(types.get("ok") === "false" && !isRefused ? ["`ok: false` without `refusal`"] : []),
  ];
}

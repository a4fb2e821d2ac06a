// How to add a kernel, a platform, a device, an operation: the words are by hand, what there is and what one is made of is read.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deviceTypes } from "@memhp/devices";
import { kernels } from "@memhp/kernels";
import { platforms } from "@memhp/platforms";
import { operations } from "@memhp/scenario";
import { type Page, shown, table } from "./markdown.ts";
import { factLinks } from "./reference.ts";
import { root } from "./root.ts";

const sources: Readonly<Record<string, string>> = {
  Kernel: "packages/kernels/src/kernel.ts",
  Platform: "packages/platforms/src/platform.ts",
  DeviceType: "packages/devices/src/device-type.ts",
  Device: "packages/devices/src/device-type.ts",
  OperationSpec: "packages/scenario/src/operations/operation.ts",
};

const there: Readonly<Record<string, () => readonly (readonly [string, string])[]>> = {
  kernel: () => kernels.map(({ id, title, about }) => [id, `${title}. ${about}`]),
  platform: () => platforms.map(({ id, about }) => [id, about]),
  device: () => deviceTypes.map(({ id, statechart }) => [id, `its statechart is \`${statechart.id}\``]),
  operation: () => operations.map(({ op, about }) => [op, about]),
};

/** The pages of `docs/pages/extend`, with their tables filled in. */
export function extendPages(): Page[] {
  return Object.keys(there).map((name) => {
    const markdown = readFileSync(join(root, `docs/pages/extend/${name}.md`), "utf8")
      .replace(/<!-- there: (\w+) -->/, (_all, what: string) =>
        table(
          ["", ""],
          (there[what]?.() ?? []).map(([id, about]) => [`\`${id}\``, factLinks(shown(about))]),
        ),
      )
      .replaceAll(/<!-- members: (\w+) -->/g, (_all, type: string) => {
        const rows = membersOf(type).map(([member, says]) => [`\`${member}\``, factLinks(shown(says))]);
        return table([`\`${type}\``, ""], rows);
      });
    return { path: `extend/${name}`, markdown };
  });
}

/** Members of an interface with the comment before each. @throws Error where there is no such interface */
function membersOf(type: string): [member: string, says: string][] {
  const source = readFileSync(join(root, sources[type] ?? ""), "utf8");
  const [, body] = new RegExp(`^export interface ${type}\\b.*?{\\n(.*?)^}`, "ms").exec(source) ?? [];
  if (body === undefined) throw new Error(`${sources[type]} has no interface ${type}`);
  return [...body.matchAll(/^ {2}(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n {2})?(?:readonly )?(\w+)\??[:(<]/gm)].map(
    ([, comment = "", member = ""]) => [
      member,
      comment
        .replaceAll(/^\s*\*/gm, "")
        .replaceAll(/\s+/g, " ")
        .trim(),
    ],
  );
}

// What public exports say of themselves, counted: a docstring each; of each number what it counts, in its name or in words; the errors of a
// function that throws.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-api";
import { workspaceRoot } from "../workspace.ts";
import type { ApiEntry, ApiExport } from "./walk.ts";

export interface DocstringCount {
  readonly exports: number;
  readonly numbers: number;
  readonly throwing: number;
  /** `packages/abi/src/zone.ts: zoneName has no docstring`. */
  readonly problems: readonly string[];
}

/** A name that says what its number counts, or of which list it is a number. */
const UNIT =
  /(bytes|pfn|pages|blocks?|nodes?|pxm|domain|ns|ms|kb|mib|seconds|order|ids?|index|count|number|priority|bits|seqnum|slots?|cpus?|nid|zone|level|distance|column|line|width|height|seed)$/i;

/** Counts the exports of all entries, each once. */
export function countDocstrings(entries: readonly ApiEntry[]): DocstringCount {
  const all = new Map(entries.flatMap(({ exports }) => exports).map((each) => [`${each.source} ${each.name}`, each]));
  const problems: string[] = [];
  let numbers = 0;
  let throwing = 0;
  for (const each of all.values()) {
    const complain = (what: string): void => void problems.push(`${each.source}: ${each.name} ${what}`);
    if (each.doc === "" && each.throws.length === 0) complain("has no docstring");
    for (const number of each.numbers) {
      numbers += 1;
      if (!saysUnit(each, number.name, number.doc)) complain(`does not say what ${number.name} counts`);
    }
    if (!throwsItself(each)) continue;
    throwing += 1;
    if (each.throws.length === 0) complain("throws, and has no @throws");
  }
  return { exports: all.size, numbers, throwing, problems };
}

function saysUnit({ kind, doc }: ApiExport, name: string, said: string): boolean {
  return UNIT.test(name) || said !== "" || doc.includes(`\`${name}\``) || (kind === "const" && doc !== "");
}

const sources = new Map<string, ts.SourceFile>();

/** Whether a function has a `throw` in its own body; what it calls is that function's to say. */
function throwsItself({ kind, name, source }: ApiExport): boolean {
  if (kind !== "function" || source === "") return false;
  let file = sources.get(source);
  if (file === undefined) {
    file = ts.createSourceFile(source, readFileSync(join(workspaceRoot, source), "utf8"), ts.ScriptTarget.ES2022, true);
    sources.set(source, file);
  }
  return file.statements.some(
    (statement) =>
      ts.isFunctionDeclaration(statement) &&
      statement.name?.text === name &&
      statement.body !== undefined &&
      hasThrow(statement.body),
  );
}

function hasThrow(node: ts.Node): boolean {
  if (ts.isThrowStatement(node)) return true;
  // A function within throws when somebody calls it.
  return ts.forEachChild(node, (child) => (!ts.isFunctionLike(child) && hasThrow(child)) || undefined) ?? false;
}

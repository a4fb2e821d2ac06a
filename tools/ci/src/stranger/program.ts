// What a stranger writes with one package: a program of examples/packages, and the examples of its README.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { findExamples } from "@memhp/readme-test";
import { packageOf } from "../readme-imports.ts";
import { parseImports } from "../imports.ts";
import { workspaceRoot, type Room } from "../workspace.ts";

const PROGRAMS = "examples/packages";

export interface Program {
  /** `machine`, `machine-workers`, `readme-2`: the name of its file in the project. */
  readonly name: string;
  readonly code: string;
  readonly prints: string;
  /** It names a module of Node, or an entry that is for Node. */
  readonly needsNode: boolean;
}

/** Programs of a room: `machine.ts` and `machine-*.ts` for `@memhp/machine`. */
export function programsOf({ manifest }: Room): Program[] {
  const short = manifest.name.replace("@memhp/", "");
  return globSync(`${PROGRAMS}/{${short},${short}-*}.ts`, { cwd: workspaceRoot })
    .toSorted()
    .map((file) => {
      const source = readFileSync(join(workspaceRoot, file), "utf8").replaceAll("\r\n", "\n");
      const [, code = "", prints] = /^(.*)^\/\* prints\n(.*?)^\*\/\n$/ms.exec(source) ?? [];
      if (prints === undefined) throw new Error(`${file} does not end with /* prints … */`);
      return { name: basename(file, ".ts"), code, prints, needsNode: needsNode(code) };
    });
}

/** Examples of a README as programs. */
export function examplesOf({ folder }: Room): Program[] {
  return findExamples(readFileSync(join(workspaceRoot, folder, "README.md"), "utf8")).map(({ code, expected }, i) => ({
    name: `readme-${i + 1}`,
    code,
    prints: expected,
    needsNode: needsNode(code),
  }));
}

/** Lines of a program that say something: neither blank nor a comment. */
export function linesOf(code: string): number {
  return code.split("\n").filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

/** The packages that a program imports, Node's modules left out. */
export function importsOf(code: string): string[] {
  const imports = parseImports("program.ts", code);
  if (!Array.isArray(imports)) throw new Error(imports.syntaxError);
  const names = imports.map(({ specifier }) => specifier).filter((specifier) => !specifier.startsWith("node:"));
  return [...new Set(names.map(packageOf))].toSorted();
}

function needsNode(code: string): boolean {
  return /from "(node:[^"]+|@memhp\/[a-z]+\/node)"/.test(code);
}

// What a package exports, with its docstrings, read from the declarations that are published. TypeScript 7 has no API in JavaScript, so this
// reads with the last one that has.
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript-api";
import { workspaceRoot, type Room } from "../workspace.ts";

type ExportKind = "function" | "class" | "const" | "type";

export interface ApiExport {
  readonly name: string;
  readonly kind: ExportKind;
  /** The docstring's text, tags left out; empty without one. */
  readonly doc: string;
  /** Texts of `@throws`, `@returns` and `@param name`. */
  readonly throws: readonly string[];
  readonly returns: string;
  /** The declaration as it is published, without its docstring. */
  readonly declaration: string;
  /** File of the source, relative to the workspace: `packages/engine/src/zone.ts`. */
  readonly source: string;
  /** Numbers of its signature or its members, and what is said of each. */
  readonly numbers: readonly ApiNumber[];
}

interface ApiNumber {
  /** `startPfn`, `options.sizeBytes`, `returns`. */
  readonly name: string;
  readonly doc: string;
}

export interface ApiEntry {
  /** `@memhp/machine` or `@memhp/machine/node`. */
  readonly entry: string;
  readonly exports: readonly ApiExport[];
}

/** The entries of published rooms, with what each exports. They must be built. */
export function walkApi(rooms: readonly Room[]): ApiEntry[] {
  const entries = rooms.flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const file = typeof target === "string" ? undefined : target.types;
      return file === undefined
        ? []
        : [{ entry: posix.join(manifest.name, subpath), file: join(workspaceRoot, folder, file) }];
    }),
  );
  const missing = entries.find(({ file }) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing.file} does not exist: build first`);
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  return entries.map(({ entry, file }) => {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    // An entry that exports nothing, such as a worker's, is no module to TypeScript.
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    return {
      entry,
      exports: symbols.map((symbol) => describe(checker, symbol)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  });
}

function describe(checker: ts.TypeChecker, exported: ts.Symbol): ApiExport {
  const symbol = (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
  const declarations = symbol.declarations ?? [];
  const tags = symbol.getJsDocTags(checker);
  const textOf = (name: string): string[] =>
    tags.filter((tag) => tag.name === name).map((tag) => ts.displayPartsToString(tag.text));
  const [first] = declarations;
  return {
    name: exported.name,
    kind: kindOf(symbol),
    doc: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(),
    throws: textOf("throws"),
    returns: textOf("returns").join(" "),
    declaration: declarations.map(declarationText).join("\n"),
    source: first === undefined ? "" : sourceOf(first.getSourceFile().fileName),
    numbers: declarations.flatMap((declaration) => numbersOf(checker, declaration)),
  };
}

function kindOf({ flags }: ts.Symbol): ExportKind {
  if ((flags & ts.SymbolFlags.Class) !== 0) return "class";
  if ((flags & ts.SymbolFlags.Function) !== 0) return "function";
  return (flags & ts.SymbolFlags.Variable) === 0 ? "type" : "const";
}

function declarationText(declaration: ts.Declaration): string {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return node
    .getText()
    .replace(/^export /, "")
    .replace(/^declare /, "");
}

function sourceOf(file: string): string {
  const [, folder = "", path = ""] = /((?:packages|apps)\/[^/]+)\/dist\/(.*)\.d\.ts$/.exec(file) ?? [];
  return folder === "" ? "" : `${folder}/src/${path}.ts`;
}

/** Members and parameters that are plain numbers. */
function numbersOf(checker: ts.TypeChecker, declaration: ts.Declaration): ApiNumber[] {
  if (ts.isInterfaceDeclaration(declaration))
    return declaration.members.flatMap((member) =>
      ts.isPropertySignature(member) && member.type?.kind === ts.SyntaxKind.NumberKeyword
        ? [{ name: member.name.getText(), doc: docOf(checker, member.name) }]
        : [],
    );
  if (ts.isFunctionDeclaration(declaration))
    return declaration.parameters.flatMap((parameter) =>
      parameter.type?.kind === ts.SyntaxKind.NumberKeyword
        ? [{ name: parameter.name.getText(), doc: docOf(checker, parameter.name) }]
        : [],
    );
  if (ts.isVariableDeclaration(declaration) && declaration.type?.kind === ts.SyntaxKind.NumberKeyword)
    return [{ name: declaration.name.getText(), doc: docOf(checker, declaration.name) }];
  return [];
}

function docOf(checker: ts.TypeChecker, name: ts.Node): string {
  const symbol = checker.getSymbolAtLocation(name);
  return symbol === undefined ? "" : ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

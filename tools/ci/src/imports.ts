import { parseSync, Visitor } from "rolldown/utils";

/** One place where a source file names another module. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `runtime` is a module started or fetched later: `import()`, `import.meta.resolve`, `new URL(…, import.meta.url)`. */
  readonly when: "load" | "runtime";
}

/** Every module a TypeScript file names, type-only imports included, in source order; or why it cannot be parsed. */
export function parseImports(file: string, code: string): Import[] | { readonly syntaxError: string } {
  const { program, errors } = parseSync(file, code);
  if (errors[0]) return { syntaxError: errors[0].message };

  const found: { specifier: string; start: number; when: Import["when"] }[] = [];
  const add = (node: unknown, when: Import["when"]): void => {
    if (isStringLiteral(node)) found.push({ specifier: node.value, start: node.start, when });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, "load"),
    ExportNamedDeclaration: (node) => add(node.source, "load"),
    ExportAllDeclaration: (node) => add(node.source, "load"),
    TSImportType: (node) => add(node.source, "load"),
    TSExternalModuleReference: (node) => add(node.expression, "load"),
    ImportExpression: (node) => add(node.source, "runtime"),
    CallExpression: (node) => {
      const { callee } = node;
      if (callee.type !== "MemberExpression" || callee.object.type !== "MetaProperty") return;
      if (callee.property.type === "Identifier" && callee.property.name === "resolve")
        add(node.arguments[0], "runtime");
    },
    NewExpression: (node) => {
      const [target, base] = node.arguments;
      if (node.callee.type !== "Identifier" || node.callee.name !== "URL") return;
      if (base?.type === "MemberExpression" && base.object.type === "MetaProperty") add(target, "runtime");
    },
  }).visit(program);

  return found
    .toSorted((a, b) => a.start - b.start)
    .map(({ specifier, start, when }) => ({ specifier, when, line: code.slice(0, start).split("\n").length }));
}

function isStringLiteral(node: unknown): node is { value: string; start: number } {
  const literal = node as { type?: string; value?: unknown } | null | undefined;
  return literal?.type === "Literal" && typeof literal.value === "string";
}

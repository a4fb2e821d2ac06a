import { isBuiltin } from "node:module";
import { parseImports } from "./imports.ts";
import type { Manifest } from "./workspace.ts";

/**
 * Packages that the examples of a README import, but that whoever installs the package does not get: they are no
 * dependencies of it, and no `npm install` line of the README names them.
 */
export function notInstalled(readme: string, manifest: Manifest): string[] {
  const installed = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
    ...installLine(readme),
  ]);
  const imported = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].flatMap(([, code = ""]) => {
    const imports = parseImports("README.ts", code);
    return Array.isArray(imports) ? imports.map(({ specifier }) => packageOf(specifier)) : [];
  });
  return [...new Set(imported)].filter((name) => !isBuiltin(name) && !installed.has(name));
}

/** What the install lines of a README name. */
export function installLine(readme: string): string[] {
  return [...readme.matchAll(/^(?: {4})?npm install (?:-D )?(.+)$/gm)].flatMap(([, names = ""]) =>
    names.trim().split(/\s+/),
  );
}

/** `@memhp/machine` of `@memhp/machine/node`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

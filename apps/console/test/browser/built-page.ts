import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

export interface BuiltPage {
  readonly folder: string;
  remove(): void;
}

/** Builds the page as `vite build` does, into a temporary folder. */
export async function buildPage(): Promise<BuiltPage> {
  const folder = mkdtempSync(join(tmpdir(), "memhp-console-"));
  const before = process.env["NODE_ENV"];
  // Vitest's own value would put React's development build into the page.
  process.env["NODE_ENV"] = "production";
  try {
    const configFile = fileURLToPath(new URL("../../vite.config.ts", import.meta.url));
    await build({ configFile, mode: "production", logLevel: "error", build: { outDir: folder, emptyOutDir: false } });
  } finally {
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

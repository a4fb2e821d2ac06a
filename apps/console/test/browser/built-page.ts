import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Made } from "../../../../tools/ci/src/make-once.ts";

const consoleFolder = dirname(fileURLToPath(new URL("../../vite.config.ts", import.meta.url)));

/** Builds the page as `vite build` does, into a temporary folder. */
export async function buildPage(): Promise<Made> {
  const folder = mkdtempSync(join(tmpdir(), "memhp-console-"));
  const args = ["build", "--outDir", folder, "--emptyOutDir", "--logLevel", "error"];
  await promisify(execFile)(process.execPath, [join(consoleFolder, "node_modules/vite/bin/vite.js"), ...args], {
    cwd: consoleFolder,
    // Vitest's own value would put React's development build into the page; nothing is compressed for tests.
    env: { ...process.env, NODE_ENV: "production", VITEST: "true" },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

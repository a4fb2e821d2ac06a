import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { workspaceRoot } from "../../../tools/ci/src/workspace.ts";
import { makeOnce } from "../../../tools/ci/src/make-once.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** An address that answers with the folder of the bundled command line. */
    readonly commandBundle: string;
  }
}

/** As deep below the package as the modules that look for its files. */
const parent = join(workspaceRoot, "apps/cli/tmp");

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const once = await makeOnce(async () => {
    const { bundleCommand } = await import("../../../tools/ci/src/command-bundle.ts");
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(join(parent, "bundle-"));
    await bundleCommand(folder);
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
  });
  provide("commandBundle", once.address);
  return () => once.end();
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A path for a unix socket in a folder of its own, which goes with the test. */
export function temporarySocket(): string {
  const folder = mkdtempSync(join(tmpdir(), "memhp-qmp-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "monitor");
}

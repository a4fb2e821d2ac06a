import { join } from "node:path";
import { inject } from "vitest";
import { madeAt } from "../../../tools/ci/src/make-once.ts";

/**
 * The program of memhp as it is published, bundled once for all tests: it starts in less than half the time that its sources take. What reads
 * for a mount is not in it: that it finds among the sources, by the same `--conditions`.
 */
export async function bundledCommand(): Promise<string> {
  return join(await madeAt(inject("commandBundle")), "main.js");
}

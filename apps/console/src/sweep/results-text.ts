/** How the first line of a file of results begins; the whole format is known to the code that is loaded when one is opened. */
const BEGINS = '{"format":"memhp-sweep-results/1"';

/** Whether a file is what `memhp sweep --out` writes. */
export function isSweepResults(contents: unknown): contents is string {
  return typeof contents === "string" && contents.startsWith(BEGINS);
}

import type { Trace } from "@memhp/scenario";

/** A run as `memhp run --json` prints it. */
export function traceText(trace: Trace): string {
  return `${JSON.stringify(trace, null, 2)}\n`;
}

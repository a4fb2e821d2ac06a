import type { StepRequest } from "@memhp/scenario";
import type { Origin } from "../session/session.ts";

/** What a machine began as, with the steps that were done by hand behind its own. @returns JSON; undefined where nobody knows how it began */
export function scenarioText(origin: Origin, did: readonly StepRequest[]): string | undefined {
  if (origin["machine"] === undefined) return undefined;
  const before = (origin["steps"] ?? []) as readonly unknown[];
  // In a recorded run each request has what was recorded beside it.
  const isRecorded = String(origin["format"]).startsWith("memhp-kernel-trace/");
  const added = isRecorded ? did.map((step) => ({ step })) : did;
  return `${JSON.stringify({ ...origin, steps: [...before, ...added] }, undefined, 2)}\n`;
}

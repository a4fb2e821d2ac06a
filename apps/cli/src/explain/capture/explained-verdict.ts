import type { Verdict } from "@memhp/capture";
import type { ExplainedBlock } from "../explained.ts";

/** A verdict in the words of explanations. */
export function explainedVerdict({ use, aboutMs, ...verdict }: Verdict): ExplainedBlock {
  return {
    ...verdict,
    ...(use === undefined ? {} : { pages: use }),
    ...(aboutMs === undefined ? {} : { about_ms: aboutMs }),
  };
}

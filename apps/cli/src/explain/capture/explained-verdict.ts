import type { Verdict } from "@memhp/capture";
import type { ExplainedBlock } from "../explained.ts";

/** A verdict in the words of explanations. */
export function explainedVerdict({ use, ...verdict }: Verdict): ExplainedBlock {
  return use === undefined ? verdict : { ...verdict, pages: use };
}

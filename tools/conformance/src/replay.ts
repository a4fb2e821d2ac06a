import { compareWithKernel, type Comparison, runRecorded } from "@memhp/recorded";
import type { Trace } from "@memhp/scenario";
import { readTrace, type TraceId } from "./traces.ts";

export interface Replay {
  readonly id: TraceId;
  readonly trace: Trace;
  readonly comparison: Comparison;
}

/** Runs a recorded run on memhp and compares it with what the kernel did. */
export async function replay(id: TraceId): Promise<Replay> {
  const document = readTrace(id);
  const { trace } = await runRecorded(document);
  return { id, trace, comparison: compareWithKernel(document, trace) };
}

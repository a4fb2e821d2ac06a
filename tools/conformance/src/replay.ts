import { compareWithKernel, type Comparison, runDocument, type Trace } from "@memhp/scenario";
import { readTrace, type TraceId } from "./traces.ts";

export interface Replay {
  readonly id: TraceId;
  readonly trace: Trace;
  readonly comparison: Comparison;
}

/** Runs a recorded run on memhp and compares it with what the kernel did. */
export async function replay(id: TraceId): Promise<Replay> {
  const document = readTrace(id);
  const { trace } = await runDocument(document);
  return { id, trace, comparison: compareWithKernel(document, trace) };
}

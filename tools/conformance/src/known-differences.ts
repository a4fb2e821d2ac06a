import type { TraceId } from "./traces.ts";

/** Steps in which memhp and a recorded run differ, with the proof that no rule could tell. */
export interface KnownDifference {
  readonly trace: TraceId;
  readonly steps: readonly number[];
  readonly why: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    trace: "6.1/f_auto_online",
    steps: [13, 14],
    why: "An eject of two blocks that auto-online put into Normal. 6.12/f_auto_online and j_nonuma met kernel pages in the first of them, this run did not; ejects carry no `given`.",
  },
];

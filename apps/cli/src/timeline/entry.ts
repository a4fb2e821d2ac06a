import type { Tone } from "./palette.ts";

/** One thing that the timeline says, before it is laid out in lines. */
export interface Entry {
  /** Simulated time; absent where it is that of the entry before. */
  readonly atNs?: number;
  /** Who: `block 32`, `firmware`, or the child state that a block is in. */
  readonly subject: string;
  readonly text: string;
  readonly tone: Tone;
}

import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { StepRequest } from "./step.ts";

/**
 * How a run is fitted to the recorder of a kernel trace: where the kernel's own pages lay, which no simulator can know.
 * Whoever replays recordings brings one.
 */
export interface Fitting {
  /** Before a write to a block's `state` or `online`; `given`: the recording says that it met kernel pages, or none, or nothing. */
  beforeWrite(block: number, given: boolean | undefined): Promise<void>;
  /** Before the eject of the memory that holds these blocks. */
  beforeEject(blocks: readonly number[]): Promise<void>;
  /** Before a driver unplugs what it can of these blocks. @param together so many of them come and go as one. */
  beforeShrink(blocks: readonly number[], together: number): Promise<void>;
  /** Before something uses memory of a node. */
  beforeUse(node: number): Promise<void>;
  /** After each step, with what happened in it. */
  afterStep(request: StepRequest, events: readonly SimEvent[]): void;
}

/** Makes the fitting of a machine that has been booted. */
export type FittingOf = (machine: Machine) => Fitting;

import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { StepRequest } from "./step.ts";
import type { ProgramOrder } from "./operations/target.ts";

/** What programs of a recorded run's guest act on. */
export interface GuestHost {
  readonly machine: Machine;
  /** Writes in the background, under the name of the program. */
  writeInBackground(name: string, path: string, data: string): void;
  /** Ends what runs in the background under a name. @returns false where nothing does. */
  kill(name: string): Promise<boolean>;
}

/**
 * How a run is fitted to the recorder of a kernel trace: where the kernel's own pages lay, which no simulator can know, and
 * what programs of its guest did. Whoever replays recordings brings one.
 */
export interface Fitting {
  /** Before a write to a block's `state` or `online`; `given`: the recording says that it met kernel pages, or none, or nothing. */
  beforeWrite(block: number, given: boolean | undefined): Promise<void>;
  /** Before the eject of the memory that holds these blocks. */
  beforeEject(blocks: readonly number[]): Promise<void>;
  /** Before something uses memory of a node. */
  beforeUse(node: number): Promise<void>;
  /** After each step, with what happened in it. */
  afterStep(request: StepRequest, events: readonly SimEvent[]): void;
  readonly program: (order: ProgramOrder, host: GuestHost) => Promise<void>;
}

/** Makes the fitting of a machine that has been booted. */
export type FittingOf = (machine: Machine) => Fitting;

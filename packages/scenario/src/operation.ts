import type { Machine } from "@memhp/machine";
import type { Background } from "./background.ts";
import type { StepRequest } from "./document.ts";
import type { KernelPages } from "./kernel-pages.ts";
import type { DimmPlace } from "./references.ts";

type Json = Record<string, unknown>;

/** What an operation sees: the machine, its DIMMs by name, and whether this step met kernel pages. */
export interface OperationContext {
  readonly machine: Machine;
  readonly dimms: Map<string, DimmPlace>;
  readonly unmovablePages: boolean;
  /** Recorded runs only: where the kernel's own pages lay. */
  readonly kernelPages: KernelPages | undefined;
  /** What goes on beside the steps. */
  readonly background: Background;
}

/** What an operation answers: the step's result, and 4.1's compact state after a write. */
export interface OperationAnswer {
  readonly result: unknown;
  readonly afterState?: Json;
}

export type Operation = (context: OperationContext, request: StepRequest) => Promise<OperationAnswer> | OperationAnswer;

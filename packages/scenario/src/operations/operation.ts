import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { StepRequest } from "../step.ts";
import type { TraceStep } from "../trace.ts";
import type { Pair } from "./compared.ts";
import type { MachineTarget } from "../machine-target.ts";
import type { Target } from "./target.ts";

type Json = Readonly<Record<string, unknown>>;

/** What an operation answers: the step's result, and 4.1's compact state after a write. */
export interface OperationAnswer {
  readonly result: unknown;
  readonly afterState?: Json;
}

/** How a step ended, in a few words. */
export interface StepOutcome {
  readonly outcome: string;
  readonly good: boolean;
}

/** Where DIMMs lie, for titles: `memory${d0.4}` is shown as `memory36`. */
export interface Places {
  readonly resolve: (text: string) => string;
  readonly blocks: (id: string) => { readonly first: number; readonly last: number } | undefined;
  readonly address: (id: string) => number | undefined;
}

/** What differs between operations that act on any target and those that only a simulated machine has. */
type Acts<Operands> =
  | { readonly on: "target"; readonly perform: (target: Target, operands: Operands) => Promise<OperationAnswer> }
  | {
      readonly on: "machine";
      readonly perform: (target: MachineTarget, operands: Operands) => Promise<OperationAnswer>;
    };

/** Something that a person can do to a machine, with all that is to be known of it. */
export interface OperationSpec<Schema extends TObject> {
  readonly op: string;
  /** One sentence, which the JSON Schema shows. */
  readonly about: string;
  /** The one definition of its operands: types, parser and JSON Schema come from it. */
  readonly operands: Schema;
  /** What one operand has to do with another. @throws StepError */
  readonly check?: (operands: Static<Schema>) => void;
  readonly acts: Acts<Static<Schema>>;
  /** What was asked for, in words. */
  readonly asked: (operands: Static<Schema>, places: Places) => string;
  /** What came of it; "done" unless told otherwise. */
  readonly outcome?: (
    done: TraceStep & { readonly result: Json },
    operands: Static<Schema>,
    places: Places,
  ) => StepOutcome;
  /** What came of it where the target does not say, in words; "not simulated" unless told otherwise. */
  readonly unsaid?: string;
  /** The shape of a recorded result, where one is compared. */
  readonly recorded?: TSchema;
  /** What of its result is compared with a kernel's; nothing unless told otherwise. */
  readonly compared?: (
    kernel: Json,
    memhp: Json,
    removableIsScan: boolean,
    operands: Static<Schema>,
  ) => Pair[] | undefined;
  /** The block whose `state` or `online` it writes. */
  readonly blockOf?: (operands: Static<Schema>) => number | undefined;
  /** The kernel may have more to tell than when it returned. */
  readonly settles?: boolean | ((operands: Static<Schema>) => boolean);
  /** It looks at much and changes nothing. */
  readonly onlyLooks?: true;
  /** An image of the machine has all that it did: no udevd, no fault, nothing that goes on beside the steps. */
  readonly staysInMachine?: true;
  /** A program of the guest runs for it, which the kernel may find memory for. */
  readonly runsProgram?: true;
  /** What it gives all nodes to do beside each other: blocks, which pass together while nobody uses their memory, or pages to use. */
  readonly bulk?: "blocks" | "pages";
  readonly example: StepRequest;
}

/** An operation whose operands were checked against its schema, so that nobody need know their type. */
export type Operation = OperationSpec<TObject>;

/** Keeps the type of the operands inside the file that defines them. */
export function operation<Schema extends TObject>(spec: OperationSpec<Schema>): Operation {
  return spec as unknown as Operation;
}

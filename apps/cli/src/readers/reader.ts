import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { RunOutcome, TraceStep } from "@memhp/scenario";

/**
 * Somebody who follows a run: the machine once it has booted, every event in order, every step when it is done.
 * A timeline, JSON Lines, a progress line are readers; none of them knows of the others.
 */
export interface RunReader {
  /** Events of the boot, before there is a machine to show. */
  boot?(event: SimEvent): void;
  machine?(machine: Machine): void;
  event?(event: SimEvent): void;
  /** May throw: the run ends there. */
  step?(done: TraceStep, number: number, total: number): void;
  /** The step just told did not end the run. */
  stands?(): void;
  end?(outcome: RunOutcome): void;
  /** Lets go of what it holds, whether the run succeeded, failed or was interrupted. A second call does nothing. */
  close?(): void;
}

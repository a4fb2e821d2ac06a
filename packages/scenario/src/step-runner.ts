import { ParseError, type SimEvent } from "@memhp/abi";
import { KernelBug } from "@memhp/acpi";
import { type Machine, SpecError, StuckError } from "@memhp/machine";
import type { StepRequest } from "./step.ts";
import type { Fitting } from "./fitting.ts";
import { machineTarget, type MachineTarget } from "./machine-target.ts";
import type { OnCheckpoint } from "./on-checkpoint.ts";
import { StepError } from "./operations/step-error.ts";
import { DimmReferenceError, resolveReferences, resolveRequest } from "./references.ts";
import { checkRequest } from "./step-request.ts";
import { StepEvents } from "./step-events.ts";
import { withEventFields } from "./step-recorder.ts";
import type { TraceStep } from "./trace.ts";

/** Carries steps out on a machine that stands: one request in, one step of a trace out. */
export class StepRunner {
  readonly target: MachineTarget;
  readonly #stop: () => void;
  #events = new StepEvents();
  #isPerforming = false;

  constructor(machine: Machine, fitting?: Fitting, onEvent?: (event: SimEvent) => void, onCheckpoint?: OnCheckpoint) {
    this.target = machineTarget(machine, fitting, onCheckpoint);
    this.#stop = machine.listenToStream((stream) => {
      // What happens between steps is nobody's, and a mount may stand for days.
      if (this.#isPerforming) this.#events.hear(stream);
      if (onEvent !== undefined) for (const event of stream) onEvent(event);
    });
  }

  /**
   * @param unmovablePages `given.unmovable_pages`: the step meets kernel pages in its block, or none, whatever the machine's kernel says.
   * @throws StepError, ParseError, DimmReferenceError, SpecError for a request that cannot be carried out.
   */
  async perform(request: StepRequest, unmovablePages?: boolean): Promise<TraceStep> {
    this.#events = new StepEvents();
    this.#isPerforming = true;
    try {
      return await this.#perform(request, unmovablePages);
    } finally {
      this.#isPerforming = false;
    }
  }

  async #perform(request: StepRequest, unmovablePages: boolean | undefined): Promise<TraceStep> {
    const { target } = this;
    const { machine, dimms, background, fitting } = target;
    checkRequest(request);
    const resolved = resolveRequest(request, (text) =>
      resolveReferences(text, dimms, machine.board.blockSizeBytes, machine.pageSize),
    );
    const operation = checkRequest(resolved);
    background.beforeStep();
    const block = operation.blockOf?.(resolved);
    if (block !== undefined) await this.#tellPages(block, unmovablePages);
    const answer = await operation.acts.perform(target, resolved);
    if (operation.runsProgram === true) await machine.programRan();
    await background.afterStep();
    const finished = await background.takeFinished();
    const step: TraceStep = {
      step: request,
      result: answer.result,
      at_ns: machine.nowNs,
      ...(finished.length === 0 ? {} : { finished }),
      ...(answer.afterState === undefined ? {} : { after_state: answer.afterState }),
    };
    fitting?.afterStep(request, [...this.#events]);
    // What happens from here on is no part of the step.
    return withEventFields(step, this.#events.copy());
  }

  async #tellPages(block: number, unmovablePages: boolean | undefined): Promise<void> {
    const { machine, fitting } = this.target;
    if (fitting !== undefined) await fitting.beforeWrite(block, unmovablePages);
    else if (unmovablePages !== undefined && machine.map.blocks.has(block))
      await machine.markUnmovable([block], unmovablePages);
  }

  /** True where an image of the machine is all that the steps to come depend on: udevd, agents and slow pages are in none. */
  get isAllInMachine(): boolean {
    const { machine, userspace } = this.target;
    return userspace.isAbsent && machine.migrationCost === undefined;
  }

  /** Ends what goes on in the background. @returns names of what had not ended. */
  async end(): Promise<readonly string[]> {
    const unfinished = this.target.background.names();
    await this.target.background.end();
    this.target.userspace.end();
    this.#stop();
    return unfinished;
  }
}

/** What ends a run and is no bug of memhp: bad input, a kernel that is dead, work that nothing could ever end. */
export function endsRun(error: unknown): boolean {
  return (
    error instanceof StepError ||
    error instanceof ParseError ||
    error instanceof DimmReferenceError ||
    error instanceof SpecError ||
    error instanceof KernelBug ||
    error instanceof StuckError
  );
}

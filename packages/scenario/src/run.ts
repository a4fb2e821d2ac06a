import { ParseError, type SimEvent } from "@memhp/abi";
import { KernelBug } from "@memhp/acpi";
import type { Kernel } from "@memhp/kernels";
import {
  bootMachine,
  type Machine,
  type MachineImage,
  SpecError,
  start,
  StuckError,
  type WorkerFactory,
} from "@memhp/machine";
import { Background } from "./background.ts";
import { type DocumentStep, KERNEL_TRACE_FORMAT, type RunDocument, TRACE_FORMAT } from "./document.ts";
import { checkExpectation, type ExpectationFailure } from "./expect.ts";
import { KernelPages, type StepTraits } from "./kernel-pages.ts";
import type { OperationContext } from "./operation.ts";
import { assertKnown, perform } from "./operations.ts";
import { memoryPlaces } from "./memory-places.ts";
import { StepError } from "./operands.ts";
import { DimmReferenceError, resolveReferences, resolveRequest } from "./references.ts";
import { stateView } from "./state-view.ts";
import { eventFields } from "./step-recorder.ts";
import type { Trace, TraceStep } from "./trace.ts";

export interface RunOptions {
  /** Kernel instead of the document's own: one that memhp knows, or the caller's. */
  readonly kernel?: string | Kernel;
  readonly seed?: number;
  readonly workers?: number;
  readonly workerFactory?: WorkerFactory;
  /** Starts from this image instead of booting: the document's machine, kernel and seed do not count then. */
  readonly image?: MachineImage;
  /** Hears every event as it happens. */
  readonly onEvent?: (event: SimEvent) => void;
  /** Hears of each step when it is done; the next one waits for the answer. */
  readonly onStep?: (step: TraceStep, index: number, total: number) => void | Promise<void>;
  /** Is given the booted machine before the first step, and may keep it: then the caller closes it. */
  readonly onMachine?: (machine: Machine) => void;
  readonly keepMachine?: boolean;
}

export interface RunOutcome {
  readonly trace: Trace;
  readonly failures: readonly ExpectationFailure[];
}

/** A step could not be carried out: which one, and what is wrong with it. */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly step: number;

  constructor(name: string, step: number, what: string, options?: ErrorOptions) {
    super(`${name}: step ${step}: ${what}`, options);
    this.step = step;
  }
}

/**
 * Boots the document's machine, or starts an image, and carries the document's steps out.
 * @throws RunError, SpecError, ImageError
 */
export async function runDocument(document: RunDocument, options: RunOptions = {}): Promise<RunOutcome> {
  const kernel = options.kernel ?? document.kernel;
  // Every step is checked before the first one runs, so that nothing is left half done.
  for (const [i, { request }] of document.steps.entries()) inStep(document, i, () => assertKnown(request.op));
  const threads = {
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.workerFactory === undefined ? {} : { workerFactory: options.workerFactory }),
  };
  const seed = options.seed ?? document.seed;
  const machine =
    options.image === undefined
      ? await bootMachine(document.machine, { kernel, kernelBlocks: document.kernelBlocks, seed, ...threads })
      : await start(options.image, { verify: true, ...threads });
  try {
    options.onMachine?.(machine);
    return await runSteps(document, machine, options);
  } finally {
    if (options.keepMachine !== true) await machine.close();
  }
}

async function runSteps(document: RunDocument, machine: Machine, options: RunOptions): Promise<RunOutcome> {
  const dimms = memoryPlaces(machine);
  const kernelPages = document.format === KERNEL_TRACE_FORMAT ? new KernelPages(machine) : undefined;
  const background = new Background(machine);
  const steps: TraceStep[] = [];
  const failures: ExpectationFailure[] = [];
  let events: SimEvent[] = [];
  const stop = machine.listen((event) => {
    events.push(event);
    options.onEvent?.(event);
  });
  for (const [i, step] of document.steps.entries()) {
    events = [];
    const done = await runStep(
      document,
      i,
      step,
      { machine, dimms, kernelPages, unmovablePages: step.unmovablePages, background },
      () => events,
    );
    steps.push(done);
    kernelPages?.afterStep(traitsOf(step.request, events, machine));
    failures.push(...checkExpectation(step, done, i));
    await options.onStep?.(done, i, document.steps.length);
  }
  const unfinished = background.names();
  await background.end();
  stop();
  const trace: Trace = {
    format: TRACE_FORMAT,
    name: document.name,
    kernel: machine.kernel.id,
    machine: document.rawMachine,
    seed: options.image?.seed ?? options.seed ?? document.seed,
    steps,
    ...(unfinished.length === 0 ? {} : { unfinished }),
    final: stateView(machine),
  };
  return { trace, failures };
}

async function runStep(
  document: RunDocument,
  i: number,
  step: DocumentStep,
  context: OperationContext,
  takeEvents: () => readonly SimEvent[],
): Promise<TraceStep> {
  const { machine, dimms } = context;
  try {
    const resolve = (text: string): string =>
      resolveReferences(text, dimms, machine.board.blockSizeBytes, machine.pageSize);
    context.background.beforeStep();
    const answer = await perform(context, resolveRequest(step.request, resolve));
    await context.background.afterStep();
    const finished = await context.background.takeFinished();
    return {
      step: step.request,
      result: answer.result,
      at_ns: machine.nowNs,
      ...(finished.length === 0 ? {} : { finished }),
      ...(answer.afterState === undefined ? {} : { after_state: answer.afterState }),
      ...eventFields(takeEvents()),
    };
  } catch (error) {
    if (endsRun(error)) throw new RunError(document.name, i, (error as Error).message, { cause: error });
    throw error;
  }
}

/** Moves that bring a block online or offline, but for an online block that stays so because its offline failed. */
function traitsOf({ op, compact }: DocumentStep["request"], events: readonly SimEvent[], machine: Machine): StepTraits {
  const reached = (state: string, from: string): number[] =>
    events.flatMap((event) =>
      event.type === "block" && event.to === state && event.from.startsWith(from) ? [event.block] : [],
    );
  const isBlockWrite = op === "block";
  const looksAtTree = machine.kernel.recorder.blockStep === "files-and-state";
  return {
    onlined: reached("online", "going_online"),
    offlined: reached("offline", "going_offline"),
    isBlockWrite,
    isStateOnly: op === "state",
    // Such a recorder looked at the whole tree after each write, unless told otherwise.
    readsTree: op === "state" || op === "snapshot" || (isBlockWrite && looksAtTree && compact !== false),
  };
}

/** What ends a run and is no bug of memhp: bad input, a kernel that is dead, work that nothing could ever end. */
function endsRun(error: unknown): boolean {
  return (
    error instanceof StepError ||
    error instanceof ParseError ||
    error instanceof DimmReferenceError ||
    error instanceof SpecError ||
    error instanceof KernelBug ||
    error instanceof StuckError
  );
}

function inStep(document: RunDocument, i: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (endsRun(error)) throw new RunError(document.name, i, (error as Error).message, { cause: error });
    throw error;
  }
}

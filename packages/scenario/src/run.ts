import { type ConfigSetting, knownKeys, type SimEvent } from "@memhp/abi";
import { allEvents, type EventWants } from "@memhp/hotplug";
import type { Kernel } from "@memhp/kernels";
import type { IgnoredWord } from "@memhp/devices";
import type { OnCheckpoint } from "./on-checkpoint.ts";
import {
  bootMachine,
  type Machine,
  type MachineImage,
  start,
  type StartOptions,
  type WorkerFactory,
} from "@memhp/machine";
import type { RunDocument } from "./document.ts";
import { KERNEL_TRACE_FORMAT, TRACE_FORMAT } from "./step.ts";
import { checkExpectation, type ExpectationFailure } from "./expect.ts";
import type { FittingOf } from "./fitting.ts";
import { stateView } from "./state-view.ts";
import { checkRequest } from "./step-request.ts";
import { endsRun, StepRunner } from "./step-runner.ts";
import type { Trace, TraceStep } from "./trace.ts";

/** How a document is run, and who hears of it. */
export interface RunOptions {
  /** Kernel instead of the document's own: one that memhp knows, or the caller's. */
  readonly kernel?: string | Kernel;
  /** Switches that the kernel is built with, before those of the document. */
  readonly config?: ConfigSetting;
  /** Seeds what loads draw, instead of the document's. */
  readonly seed?: number;
  /** How many workers the nodes are spread over; 0, this thread, unless told. */
  readonly workers?: number;
  readonly workerFactory?: WorkerFactory;
  /** Workers begin when a program uses memory, or somebody inspects, instead of before the first step. */
  readonly lateWorkers?: boolean;
  /** Starts from this image instead of booting: the document's machine, kernel and seed do not count then. */
  readonly image?: MachineImage;
  /** Fits a kernel trace to its recorder. */
  readonly fitting?: FittingOf;
  /** Is given the image of each `checkpoint`; the next step waits for the answer. */
  readonly onCheckpoint?: OnCheckpoint;
  /** Hears every event as it happens. */
  readonly onEvent?: (event: SimEvent) => void;
  /** Hears what happens while the kernel boots, before the first step. */
  readonly onBootEvent?: (event: SimEvent) => void;
  /** Which kinds of events are made while the steps run; by default all. A trace needs those of notifiers. */
  readonly wants?: EventWants;
  /** Hears of each step when it is done; the next one waits for the answer. */
  readonly onStep?: (step: TraceStep, index: number, total: number) => void | Promise<void>;
  /** Is given the booted machine before the first step, and may keep it: then the caller closes it. */
  readonly onMachine?: (machine: Machine) => void;
  readonly keepMachine?: boolean;
  /** False: `trace.steps` stays empty, and memory does not grow with the number of steps; `onStep` has them. */
  readonly keepSteps?: boolean;
}

const RUN_OPTIONS: Readonly<Record<keyof RunOptions, true>> = {
  kernel: true,
  config: true,
  seed: true,
  workers: true,
  workerFactory: true,
  lateWorkers: true,
  image: true,
  fitting: true,
  onCheckpoint: true,
  onEvent: true,
  onBootEvent: true,
  wants: true,
  onStep: true,
  onMachine: true,
  keepMachine: true,
  keepSteps: true,
};

/** A run's trace, and the expectations that it did not meet. */
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
 * @throws RunError, SpecError, ImageError; TypeError for an option that does not exist
 */
export async function runDocument(document: RunDocument, options: RunOptions = {}): Promise<RunOutcome> {
  knownKeys("options", options, Object.keys(RUN_OPTIONS));
  // Every step is checked before the first one runs, so that nothing is left half done.
  for (const [i, { request }] of document.steps.entries()) await inStep(document, i, () => checkRequest(request));
  const threads = {
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.workerFactory === undefined ? {} : { workerFactory: options.workerFactory }),
    ...(options.lateWorkers === undefined ? {} : { lateWorkers: options.lateWorkers }),
  };
  const machine =
    options.image === undefined
      ? await bootOf(document, options, threads)
      : await start(options.image, { verify: true, ...threads });
  try {
    options.onMachine?.(machine);
    return await runSteps(document, machine, options);
  } finally {
    if (options.keepMachine !== true) await machine.close();
  }
}

/** Boots, and tells of it. @throws SpecError */
async function bootOf(document: RunDocument, options: RunOptions, threads: Partial<StartOptions>): Promise<Machine> {
  const { onBootEvent } = options;
  let stop: () => void = () => {};
  const machine = await bootMachine(document.machine, {
    kernel: options.kernel ?? document.kernel,
    config: { ...document.config, ...options.config },
    kernelBlocks: document.kernelBlocks,
    seed: options.seed ?? document.seed,
    ...threads,
    onBoot(booting) {
      if (onBootEvent === undefined) return;
      stop = booting.listenToStream((stream) => {
        for (const event of stream) onBootEvent(event);
      });
    },
  });
  stop();
  return machine;
}

async function runSteps(document: RunDocument, machine: Machine, options: RunOptions): Promise<RunOutcome> {
  const fitting = document.format === KERNEL_TRACE_FORMAT ? options.fitting?.(machine) : undefined;
  const runner = new StepRunner(machine, fitting, options.onEvent, options.onCheckpoint);
  const steps: TraceStep[] = [];
  const failures: ExpectationFailure[] = [];
  // What fits a run to a recording follows blocks.
  const { wants } = options;
  if (wants !== undefined && fitting === undefined) machine.setWants({ ...wants, notifier: true });
  for (const [i, step] of document.steps.entries()) {
    const done = await inStep(document, i, () => runner.perform(step.request, step.unmovablePages));
    if (options.keepSteps !== false) steps.push(done);
    failures.push(...checkExpectation(step, done, i));
    await options.onStep?.(done, i, document.steps.length);
  }
  const unfinished = await runner.end();
  if (wants !== undefined) machine.setWants(allEvents);
  const trace: Trace = {
    format: TRACE_FORMAT,
    name: document.name,
    kernel: machine.kernel.id,
    ...configOf(machine),
    machine: document.rawMachine,
    seed: options.image?.seed ?? options.seed ?? document.seed,
    ...traceNotes(machine, options.image === undefined ? [] : besideImage(document)),
    steps,
    ...(unfinished.length === 0 ? {} : { unfinished }),
    final: stateView(machine),
  };
  return { trace, failures };
}

/** The switches that differ from the kernel's own build, for a trace's head. */
export function configOf({ kernel: { configured } }: Machine): Pick<Trace, "config"> {
  return configured === undefined ? {} : { config: configured };
}

/** What a trace says of its machine before the first step: words that are not carried out, memory refused at boot. */
export function traceNotes(
  { kernel: { source }, ignored: ofMachine, bootRefusals }: Machine,
  besides: readonly IgnoredWord[] = [],
): Pick<Trace, "kernel_source" | "ignored" | "boot_refusals"> {
  const ignored = [...besides, ...ofMachine];
  return {
    ...(source === undefined ? {} : { kernel_source: source.release }),
    ...(ignored.length === 0 ? {} : { ignored }),
    ...(bootRefusals.length === 0
      ? {}
      : { boot_refusals: bootRefusals.map(({ device, refusal }) => ({ device, refusal })) }),
  };
}

/** What a document says of a machine, where the run starts with another one. */
export function besideImage({ said }: RunDocument): IgnoredWord[] {
  return said.map(({ where, word }) => ({ where, word, why: "the machine that the run starts with has its own" }));
}

async function inStep<T>(document: RunDocument, i: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (endsRun(error)) throw new RunError(document.name, i, (error as Error).message, { cause: error });
    throw error;
  }
}

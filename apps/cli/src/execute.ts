import type { ConfigSetting } from "@memhp/abi";
import { runRecorded } from "@memhp/recorded";
import { operationOf, type RunDocument, type RunOptions, type RunOutcome } from "@memhp/scenario";
import type { Machine } from "@memhp/machine";
import type { Arguments } from "./arguments/arguments.ts";
import { configOption } from "./arguments/config-option.ts";
import type { Host } from "./host.ts";
import { type ImageFile, namedImageError } from "./input/read-image.ts";
import { assertSensible, namedRunError } from "./input/run-errors.ts";
import type { RunReader } from "./readers/reader.ts";

/** How documents are run, from the options that several commands share. */
export interface ExecuteOptions {
  readonly kernel?: string;
  readonly config?: ConfigSetting;
  readonly workers?: number;
  readonly seed?: number;
  /** False: steps go to the readers, and the outcome has none. */
  readonly keepSteps?: boolean;
}

const MAX_WORKERS = 1024;

/** @throws UsageError */
export function executeOptions(args: Arguments): ExecuteOptions {
  const kernel = args.kernels().at(-1);
  const config = configOption(args);
  const workers = args.count("workers", MAX_WORKERS);
  const seed = args.count("seed", Number.MAX_SAFE_INTEGER);
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(config === undefined ? {} : { config }),
    ...(workers === undefined ? {} : { workers }),
    ...(seed === undefined ? {} : { seed }),
  };
}

export interface Execution {
  readonly document: RunDocument;
  /** What messages call the document. */
  readonly file: string;
  readonly options: ExecuteOptions;
  readonly readers?: readonly RunReader[];
  /** The run starts from this image instead of booting. */
  readonly from?: ImageFile;
  readonly onCheckpoint?: RunOptions["onCheckpoint"];
}

/**
 * Runs a document for some readers.
 * @throws InputError, RunFailed
 */
export function execute(execution: Execution, host: Host): Promise<RunOutcome> {
  return runFor(execution, host, false);
}

/** The same, and the machine stays up for `use`. */
export async function executeThen<T>(
  execution: Execution,
  host: Host,
  use: (machine: Machine, outcome: RunOutcome) => T | Promise<T>,
): Promise<T> {
  let machine: Machine | undefined;
  const keeper: RunReader = {
    machine: (booted) => {
      machine = booted;
    },
  };
  try {
    const outcome = await runFor({ ...execution, readers: [keeper, ...(execution.readers ?? [])] }, host, true);
    if (machine === undefined) throw new Error("memhp bug: a run without a machine");
    return await use(machine, outcome);
  } finally {
    await machine?.close();
  }
}

/** A run in this thread leaves no room for signals unless it makes some. */
function signalsHeard(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function runFor(execution: Execution, host: Host, keepMachine: boolean): Promise<RunOutcome> {
  const { document, file, readers = [], from } = execution;
  const stopHearing = host.onInterrupt(() => closeAll(readers));
  let outcome: RunOutcome;
  try {
    outcome = await runWithReaders(execution, host, keepMachine);
  } catch (error) {
    stopHearing();
    // Of two failures the first is told.
    closeQuietly(readers);
    throw namedRunError(
      from === undefined ? error : namedImageError(error, from.file),
      document,
      file,
      execution.options,
    );
  }
  stopHearing();
  closeAll(readers);
  return outcome;
}

async function runWithReaders(
  { document, file, options, readers = [], from, onCheckpoint }: Execution,
  host: Host,
  keepMachine: boolean,
): Promise<RunOutcome> {
  const { workers = 0 } = options;
  const outcome = await runRecorded(document, {
    ...options,
    ...(from === undefined ? {} : { image: from.image }),
    ...(onCheckpoint === undefined ? {} : { onCheckpoint }),
    ...(workers === 0
      ? {}
      : { workerFactory: host.workerFactory, lateWorkers: from === undefined && beginsIdle(document) }),
    keepMachine,
    onMachine: (machine) => {
      for (const reader of readers) reader.machine?.(machine);
    },
    ...eventsFor(readers),
    ...bootEventsFor(readers),
    onStep: async (done, i, total) => {
      for (const reader of readers) reader.step?.(done, i, total);
      assertSensible(document, done, i, file);
      for (const reader of readers) reader.stands?.();
      await signalsHeard();
    },
  });
  for (const reader of readers) reader.end?.(outcome);
  return outcome;
}

/** Blocks change in bulk before any program uses memory; an image may have memory in use already. */
function beginsIdle({ steps }: RunDocument): boolean {
  const first = steps.map(({ request }) => operationOf(request.op).bulk).find((bulk) => bulk !== undefined);
  return first === "blocks";
}

/** Events come into being for those who read them; an inspector hears of blocks by itself. */
function eventsFor(readers: readonly RunReader[]): Pick<RunOptions, "onEvent" | "wants"> {
  const hearing = readers.filter((reader) => reader.event !== undefined);
  if (hearing.length === 0) return { wants: { block: false, notifier: true, zone: false } };
  return {
    onEvent(event) {
      for (const reader of hearing) reader.event?.(event);
    },
  };
}

function bootEventsFor(readers: readonly RunReader[]): Pick<RunOptions, "onBootEvent"> {
  const hearing = readers.filter((reader) => reader.boot !== undefined);
  if (hearing.length === 0) return {};
  return {
    onBootEvent(event) {
      for (const reader of hearing) reader.boot?.(event);
    },
  };
}

/** Closes every reader, also where one of them cannot. @throws the first error */
function closeAll(readers: readonly RunReader[]): void {
  const errors: unknown[] = [];
  for (const reader of readers) {
    try {
      reader.close?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function closeQuietly(readers: readonly RunReader[]): void {
  try {
    closeAll(readers);
  } catch {
    /* told by what failed first */
  }
}

import { compareWithKernel, type Comparison, runRecorded } from "@memhp/recorded";
import {
  DimmPlaces,
  type ExpectationFailure,
  KERNEL_TRACE_FORMAT,
  parseDocument,
  readText,
  type RunDocument,
  stepTitle,
  type StepTitle,
  type Trace,
} from "@memhp/scenario";
import type { Machine } from "@memhp/machine";
import { shardWorkers } from "../session/shard-workers.ts";
import { Session } from "../session/session.ts";

/** A document that was run once from end to end, and compared with what was recorded or expected. */
export interface Replay {
  readonly document: RunDocument;
  /** As it was read. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly trace: Trace;
  /** Only for kernel traces. */
  readonly comparison: Comparison | undefined;
  /** Expectations of a scenario that were not met. */
  readonly failures: readonly ExpectationFailure[];
  /** Each step in words. */
  readonly words: readonly StepTitle[];
}

/** Reads a scenario or kernel trace and runs all of it. @throws DocumentError, RunError, SpecError */
export async function openDocument(text: string, source: string, workers = 0): Promise<Replay> {
  const document = parseDocument(text, source);
  let places = new DimmPlaces(1);
  const words: StepTitle[] = [];
  let machine: Machine | undefined;
  const { trace, failures } = await runRecorded(document, {
    ...shardWorkers(workers),
    onMachine(booted) {
      machine = booted;
      places = new DimmPlaces(booted.board.blockSizeBytes);
    },
    onStep(step) {
      if (machine !== undefined) places.lookAt(machine);
      words.push(stepTitle(step, places));
    },
  });
  return {
    document,
    raw: readText(text) as Readonly<Record<string, unknown>>,
    trace,
    failures,
    words,
    comparison: document.format === KERNEL_TRACE_FORMAT ? compareWithKernel(document, trace) : undefined,
  };
}

/** Boots the document's machine anew and runs its first `steps` steps. The same steps give the same machine. */
export async function runUpTo({ document, raw, words }: Replay, steps: number, workers: number): Promise<Session> {
  let session: Session | undefined;
  let machine: Machine | undefined;
  try {
    await runRecorded(
      { ...document, steps: document.steps.slice(0, steps) },
      {
        ...shardWorkers(workers),
        keepMachine: true,
        onMachine: (booted) => {
          machine = booted;
          session = new Session(booted, { ...raw, steps: (raw["steps"] as readonly unknown[]).slice(0, steps) });
          if (steps > 0) markStep(session, words, 0);
        },
        onStep: (_step, i) => {
          if (session !== undefined && i + 1 < steps) markStep(session, words, i + 1);
        },
      },
    );
  } catch (error) {
    await machine?.close();
    throw error;
  }
  if (session === undefined) throw new Error("memhp bug: a run without a machine");
  session.notice();
  return session;
}

/** The events from here on are of the step behind so many. */
function markStep({ log }: Session, words: Replay["words"], done: number): void {
  const next = words[done];
  if (next !== undefined) log.mark(`step ${done + 1}: ${next.asked}`);
}

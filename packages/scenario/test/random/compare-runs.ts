import { Prng } from "@memhp/engine";
import { type Machine, type WorkerFactory, WorkerGone } from "@memhp/machine";
import { readDocument, RunError, runDocument } from "../../src/index.ts";
import { type Death, slowWorkers } from "./slow-workers.ts";
import { type RandomDocument, randomDocument } from "./random-document.ts";

/** What a run came to: its bytes, or the error that ended it. */
interface Ending {
  readonly text: string;
  readonly isGone: boolean;
}

/** Kernels and machines that a run ends in by itself are answers; anything else is a bug, and thrown. */
async function ending(document: object, workers: number, workerFactory?: WorkerFactory): Promise<Ending> {
  let machine: Machine | undefined;
  try {
    const { trace } = await runDocument(readDocument(document, "random"), {
      workers,
      ...(workerFactory === undefined ? {} : { workerFactory }),
      keepMachine: true,
      onMachine: (booted) => void (machine = booted),
    });
    const wrong = await machine?.pages.audit();
    return { text: JSON.stringify({ trace, wrong }), isGone: false };
  } catch (error) {
    const isGone = error instanceof WorkerGone;
    if (!isGone && !(error instanceof RunError)) throw error;
    return { text: String(error), isGone };
  } finally {
    await machine?.close();
  }
}

/** A signal to what has ended, a load that is not there: a step that ends the run is left out, so that the rest is tried. */
async function withoutSenselessSteps(document: RandomDocument): Promise<RandomDocument> {
  let { steps } = document;
  for (;;) {
    try {
      await runDocument(readDocument({ ...document, steps }, "random"));
      return { ...document, steps };
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      steps = steps.filter((_, i) => i !== error.step);
    }
  }
}

const MOST_MS = 30_000;

/** @throws where it does not end. */
async function withinLimit<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs`)), MOST_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface Findings {
  runs: number;
  deaths: number;
  /** Runs that a step without sense ended. */
  errors: number;
  wrong: string[];
}

const reasons = [
  "it exited with code 0",
  "it exited with code 7",
  "out of luck",
  "Worker terminated due to reaching memory limit",
];

/** Runs a document of a seed on 0 workers and on slow ones, and once with a worker that dies. */
export async function compareRuns(seed: number, findings: Findings): Promise<void> {
  const prng = new Prng(seed);
  const run = (workers: number, factory?: WorkerFactory): Promise<Ending> => {
    findings.runs++;
    return withinLimit(`seed ${seed} on ${workers} workers`, ending(document, workers, factory));
  };
  let document: object = {};
  try {
    document = await withinLimit(`seed ${seed}`, withoutSenselessSteps(randomDocument(seed)));
    const here = await run(0);
    if (here.text.startsWith("RunError")) findings.errors++;
    else if (!here.text.endsWith('"wrong":[]}')) findings.wrong.push(`seed ${seed}: audit: ${here.text.slice(-300)}`);
    for (const workers of [1, 2, 4]) {
      const there = await run(workers, slowWorkers(seed * 8 + workers));
      if (there.text !== here.text) findings.wrong.push(`seed ${seed}: other bytes on ${workers} workers`);
    }
    const workers = 1 + Math.floor(prng.next() * 4);
    const death: Death = {
      worker: 0,
      afterMessages: 1 + Math.floor(prng.next() ** 3 * 400),
      reason: reasons.at(Math.floor(prng.next() * reasons.length)) ?? "",
    };
    const last = await run(workers, slowWorkers(seed * 8, death));
    if (last.isGone) {
      findings.deaths++;
      if (!/^WorkerGone: the worker with node [\d, ]+ is gone: /.test(last.text) || !last.text.endsWith(death.reason))
        findings.wrong.push(`seed ${seed}: a death is told as ${last.text}`);
    } else if (last.text !== here.text) findings.wrong.push(`seed ${seed}: other bytes beside a death`);
  } catch (error) {
    findings.wrong.push(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

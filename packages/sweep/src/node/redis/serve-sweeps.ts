import { knownOptions } from "@memhp/abi";
import { SweepError } from "../../sweep-error.ts";
import { another, connect } from "./connection.ts";
import { Crew } from "./crew.ts";
import { checkVersion, QUEUE, type RunsJob, type RunsResult, sharedSweep } from "./shared-sweep.ts";

/** Where the queue is, and how much of this computer carries out runs. */
export interface ServeOptions {
  readonly url: string;
  /** Of memhp: sweeps of another are refused. */
  readonly version: string;
  /** Processes that carry out runs. */
  readonly workers: number;
  /** Path of a program that does no more than to import `@memhp/sweep/worker`, for an application in a bundle: it starts in a third of the time. */
  readonly program?: string;
  /** It leaves when there has been nothing to do for so long; by default never. */
  readonly idleMs?: number;
  /** It has joined. */
  readonly onJoined?: () => void;
  /** Hears how many runs were carried out. */
  readonly onRuns?: (runs: number) => void;
  readonly signal?: AbortSignal;
}

/** Whoever does not tell for so long that it is alive has died; others take up what it had. */
const LOCK_MS = 4000;
const LOOK_MS = 2000;
/** How often a worker with nothing to do looks around. */
const IDLE_LOOK_MS = 1000;
/** However many workers die, their runs are taken up again. */
const ANY = 1_000_000;

const OPTIONS: Readonly<Record<keyof ServeOptions, true>> = {
  url: true,
  version: true,
  workers: true,
  program: true,
  idleMs: true,
  onJoined: true,
  onRuns: true,
  signal: true,
};

/** Takes part in the sweeps that are coordinated over a Redis, until the signal. @throws SweepError where their memhp is another. */
export async function serveSweeps(options: ServeOptions): Promise<void> {
  knownOptions("serveSweeps: options", options, OPTIONS);
  const { url, version, workers, program, idleMs = Number.POSITIVE_INFINITY, onJoined, onRuns, signal } = options;
  const redis = await connect(url);
  const working = another(redis);
  const crew = new Crew(workers, (id) => sharedSweep(redis, id), program);
  try {
    await checkVersion(redis, version);
    const { Worker } = await import("bullmq");
    let refuse: (error: unknown) => void = () => {};
    const refused = new Promise<never>((_, reject) => {
      refuse = reject;
    });
    refused.catch(() => {});
    let busyAtMs = performance.now();
    const perform = async ({ sweep, version: theirs, from, to }: RunsJob): Promise<RunsResult> => {
      if (theirs !== version) {
        const refusal = new SweepError(`this is memhp ${version}, and a sweep of memhp ${theirs} is under way there`);
        refuse(refusal);
        throw refusal;
      }
      const results = await crew.perform(sweep, from, to);
      busyAtMs = performance.now();
      onRuns?.(results.length);
      return results;
    };
    const worker = new Worker<RunsJob, RunsResult>(QUEUE, ({ data }) => perform(data), {
      connection: working,
      concurrency: workers,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_MS,
      maxStalledCount: ANY,
    });
    // It connects again by itself.
    worker.on("error", () => {});
    await worker.waitUntilReady();
    onJoined?.();
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    signal?.addEventListener("abort", leave);
    const looking = setInterval(() => {
      if (crew.isBusy) busyAtMs = performance.now();
      else if (performance.now() - busyAtMs >= idleMs) leave();
      else checkVersion(redis, version).catch(refuse);
    }, IDLE_LOOK_MS);
    try {
      if (signal?.aborted !== true) await Promise.race([left, refused]);
    } finally {
      clearInterval(looking);
      await worker.close();
    }
  } finally {
    await crew.close();
    working.disconnect();
    redis.disconnect();
  }
}

import { knownOptions } from "@memhp/abi";
import type { Job, JobsOptions } from "bullmq";
import { SweepError } from "../../sweep-error.ts";
import type { Sweep } from "../../sweep.ts";
import { type StopRule, stopRule } from "../../stop-rule.ts";
import type { RunResult } from "../../sweep-runner.ts";
import { InOrder } from "../in-order.ts";
import { another, connect } from "./connection.ts";
import { idOf, publish, QUEUE, runsPerJob, type RunsJob, type RunsResult, withdraw } from "./shared-sweep.ts";

/** Where the queue is, and who hears of the runs. */
export interface CoordinateOptions {
  readonly url: string;
  /** Of memhp: workers of another refuse to take part. */
  readonly version: string;
  /** Results of the first runs, which are done already, in their order. */
  readonly done?: readonly RunResult[];
  readonly forks?: boolean;
  /** Hears of each run once, in the order of the runs. */
  readonly onResult: (result: RunResult) => void;
  readonly onEnded?: (ended: number) => void;
  /** What `onResult` was told outlives this process, so that Redis need not keep it until the end. */
  readonly isKept?: boolean;
  /** Ends it before all is done; what workers have done by then stays in Redis for who comes next. */
  readonly signal?: AbortSignal;
}

/** Jobs that wait in Redis at most. */
const MOST_WAITING = 2000;
/** How often it is looked whether Redis still has what it was given: it may come back with less than it had. */
const LOOK_MS = 2000;
/** A job may fail so often: its worker cannot start processes, Redis was away. */
const jobOptions: JobsOptions = { attempts: 10, backoff: { type: "fixed", delay: 500 } };

const OPTIONS: Readonly<Record<keyof CoordinateOptions, true>> = {
  url: true,
  version: true,
  done: true,
  forks: true,
  onResult: true,
  onEnded: true,
  isKept: true,
  signal: true,
};

/**
 * Has workers that are joined to a Redis carry out the runs of a sweep that are not done yet, until all are or its rule says that it is
 * enough. @throws SweepError
 */
export async function coordinateSweep(sweep: Sweep, options: CoordinateOptions): Promise<void> {
  knownOptions("coordinateSweep: options", options, OPTIONS);
  const { url, version, forks = true, done = [] } = options;
  const rule = stopRule(sweep);
  if (done.some((result) => rule.add(result) !== undefined)) return;
  const redis = await connect(url);
  const listening = another(redis);
  try {
    const id = idOf(sweep, version);
    const { document, source, image } = sweep;
    await publish(redis, id, { document, source, forks, ...(image === undefined ? {} : { image }) }, version);
    const { Queue, QueueEvents } = await import("bullmq");
    const queue = new Queue<RunsJob, RunsResult>(QUEUE, { connection: redis });
    const events = new QueueEvents(QUEUE, { connection: listening });
    const coordination = new Coordination(id, sweep, queue, rule, options);
    // Both connect again by themselves.
    queue.on("error", () => {});
    events.on("error", () => {});
    events.on("completed", ({ jobId }) => coordination.ended(jobId));
    events.on("failed", ({ jobId }) => coordination.ended(jobId));
    try {
      await coordination.run();
      if (options.signal?.aborted !== true) await withdraw(redis, id);
    } finally {
      await events.close();
      await queue.close();
    }
  } finally {
    listening.disconnect();
    redis.disconnect();
  }
}

type RunsJobs = Job<RunsJob, RunsResult>;

/** What is asked of the queue. */
interface Jobs {
  addBulk(jobs: { readonly name: string; readonly data: RunsJob; readonly opts: JobsOptions }[]): Promise<unknown>;
  getJob(id: string): Promise<RunsJobs | undefined>;
  remove(id: string): Promise<number>;
}

class Coordination {
  readonly #id: string;
  readonly #sweep: Sweep;
  readonly #queue: Jobs;
  readonly #options: CoordinateOptions;
  readonly #perJob: number;
  readonly #inOrder: InOrder<RunResult>;
  /** Jobs that were given out and have not been taken yet. */
  readonly #given = new Set<number>();
  /** Jobs whose results have been taken, and which Redis still has. */
  readonly #taken = new Set<number>();
  readonly #from: number;
  #next: number;
  #ended: number;
  /** Jobs of which it was heard that they ended. */
  #heard = new Set<number>();
  #wake = (): void => {};

  constructor(id: string, sweep: Sweep, queue: Jobs, rule: StopRule, options: CoordinateOptions) {
    this.#id = id;
    this.#sweep = sweep;
    this.#queue = queue;
    this.#options = options;
    this.#from = options.done?.length ?? 0;
    this.#ended = this.#from;
    this.#perJob = runsPerJob(sweep.runs);
    this.#next = Math.floor(this.#from / this.#perJob);
    this.#inOrder = new InOrder<RunResult>(
      this.#from,
      ({ run }) => run,
      (result) => {
        options.onResult(result);
        return rule.add(result) !== undefined;
      },
    );
  }

  ended(jobId: string): void {
    const [id, number] = jobId.split("-");
    if (id !== this.#id) return;
    this.#heard.add(Number(number));
    this.#wake();
  }

  async run(): Promise<void> {
    this.#options.signal?.addEventListener("abort", () => this.#wake());
    let looked = Number.NEGATIVE_INFINITY;
    while (!this.#isOver) {
      if (this.#inOrder.isEnough) return this.#abandon();
      await this.#give();
      if (this.#given.size === 0) break;
      const isTime = performance.now() - looked >= LOOK_MS;
      // Also what was done before this coordinator came, and what Redis forgot: where nothing has been heard for a while.
      const jobs = isTime ? [...this.#given] : [...this.#heard];
      this.#heard = new Set();
      for (const job of jobs) if (!this.#inOrder.isEnough) await this.#look(job);
      if (isTime || jobs.length > 0) looked = performance.now();
      else await this.#pause();
      if (this.#options.isKept === true) await this.#forget(this.#inOrder.next);
    }
    if (!this.#isOver) await this.#forget(this.#sweep.runs);
  }

  get #isOver(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /** Nobody needs the rest: what waits is taken back, and what workers have in hand when they are done with it, if that is soon. */
  async #abandon(): Promise<void> {
    const begun = performance.now();
    let left = [...this.#given, ...this.#taken];
    for (;;) {
      const removed = await Promise.all(left.map((job) => this.#queue.remove(this.#jobId(job))));
      left = left.filter((_, i) => removed[i] === 0);
      if (left.length === 0 || performance.now() - begun > LOOK_MS) return;
      this.#heard = new Set();
      await this.#pause();
    }
  }

  /** Redis need not keep the results of runs before `end` any more. */
  async #forget(end: number): Promise<void> {
    for (const job of this.#taken) {
      if (Math.min((job + 1) * this.#perJob, this.#sweep.runs) > end) continue;
      this.#taken.delete(job);
      await this.#queue.remove(this.#jobId(job));
    }
  }

  #jobId(job: number): string {
    return `${this.#id}-${job}`;
  }

  async #give(): Promise<void> {
    const jobs: number[] = [];
    while (this.#given.size < MOST_WAITING && this.#next * this.#perJob < this.#sweep.runs) {
      jobs.push(this.#next);
      this.#given.add(this.#next++);
    }
    await this.#add(jobs);
  }

  /** One that is there already stays as it is. */
  async #add(jobs: readonly number[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#queue.addBulk(
      jobs.map((job) => {
        const from = job * this.#perJob;
        const to = Math.min(from + this.#perJob, this.#sweep.runs);
        const data = { sweep: this.#id, version: this.#options.version, from, to };
        return { name: "runs", data, opts: { ...jobOptions, jobId: this.#jobId(job) } };
      }),
    );
  }

  async #look(number: number): Promise<void> {
    if (!this.#given.has(number)) return;
    const job = await this.#queue.getJob(this.#jobId(number));
    if (job === undefined) return this.#add([number]);
    if (job.finishedOn === undefined) return;
    if (!Array.isArray(job.returnvalue))
      throw new SweepError(`runs ${job.data.from}..${job.data.to - 1} failed on every worker: ${job.failedReason}`);
    this.#given.delete(number);
    this.#taken.add(number);
    for (const result of job.returnvalue) {
      if (result.run < this.#from) continue;
      this.#options.onEnded?.(++this.#ended);
      this.#inOrder.add(result);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

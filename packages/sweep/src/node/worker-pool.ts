import type { Worker } from "node:worker_threads";
import { JobLists } from "./job-lists.ts";

export interface WorkerPoolOptions<Result> {
  readonly workers: number;
  /** Starts a worker: it posts an empty list when it is ready, and then a list of results for each list of jobs, in order. */
  readonly start: () => Worker;
  /** The result of a job that ended its worker. */
  readonly lost: (job: number, error: Error) => Result;
}

/** Lists that a worker has in hand or in its letter box, so that it never waits for the next. */
const IN_HAND = 2;

/** Worker threads that carry out numbered jobs. One that dies is replaced, and a job that ended one by itself is lost. */
export class WorkerPool<Result> {
  readonly #options: WorkerPoolOptions<Result>;
  readonly #workers = new Set<Worker>();

  constructor(options: WorkerPoolOptions<Result>) {
    this.#options = options;
  }

  /**
   * Carries out jobs from..end-1.
   * @param take hears of each result, and answers true where that is enough.
   */
  run(from: number, end: number, take: (result: Result) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const jobs = new JobLists(from, end, this.#options.workers);
      let left = end - from;
      if (left <= 0) return resolve();
      const finish = (result: Result): void => {
        try {
          if (take(result) || --left === 0) resolve();
        } catch (error) {
          reject(error);
        }
      };
      const hire = (): void => {
        const inHand: { readonly jobs: readonly number[]; readonly sinceMs: number }[] = [];
        let isReady = false;
        const worker = this.#start();
        const give = (): void => {
          while (inHand.length < IN_HAND) {
            const list = jobs.next();
            if (list === undefined) return;
            inHand.push({ jobs: list, sinceMs: performance.now() });
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
            worker.postMessage(list);
          }
        };
        worker.on("message", (results: readonly Result[]) => {
          if (isReady) {
            const done = inHand.shift();
            if (done !== undefined) jobs.took(done.jobs.length, performance.now() - done.sinceMs);
          }
          isReady = true;
          for (const result of results) finish(result);
          give();
        });
        worker.once("error", (error) => {
          this.#workers.delete(worker);
          const [list, ...untouched] = inHand.map((each) => each.jobs);
          // A worker that cannot even begin would be replaced for ever.
          if (list === undefined || (!isReady && !isOutOfMemory(error))) return reject(error);
          for (const each of untouched) jobs.again(each);
          const [only, ...others] = list;
          // One of the list did it: one by one they show which.
          if (only !== undefined && others.length === 0) finish(this.#options.lost(only, error));
          else jobs.again(list);
          if (left > 0) hire();
        });
        give();
      };
      for (let i = 0; i < this.#options.workers; i++) hire();
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
    this.#workers.clear();
  }

  #start(): Worker {
    const worker = this.#options.start();
    this.#workers.add(worker);
    return worker;
  }
}

function isOutOfMemory(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
}

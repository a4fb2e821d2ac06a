import { Worker } from "node:worker_threads";
import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";
import type { WorkerStart } from "./worker.ts";

export interface WorkerPoolOptions {
  readonly workers: number;
  readonly forks: boolean;
}

/** Runs that a worker has in hand or in its letter box, so that it never waits for the next. */
const IN_HAND = 2;

/** Worker threads that carry out runs. One that dies is replaced, and the run that killed it is told as failed. */
export class WorkerPool {
  readonly #sweep: Sweep;
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<Worker>();

  constructor(sweep: Sweep, options: WorkerPoolOptions) {
    this.#sweep = sweep;
    this.#options = options;
  }

  /** @param take hears of each run as it ends. */
  run(from: number, end: number, take: (result: RunResult) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const again: number[] = [];
      let next = from;
      let left = end - from;
      if (left <= 0) return resolve();
      const nextRun = (): number | undefined => again.shift() ?? (next < end ? next++ : undefined);
      const finish = (result: RunResult): void => {
        try {
          take(result);
        } catch (error) {
          reject(error);
          return;
        }
        if (--left === 0) resolve();
      };
      const hire = (): void => {
        const inHand: number[] = [];
        let hasAnswered = false;
        const worker = this.#start();
        const give = (): void => {
          while (inHand.length < IN_HAND) {
            const run = nextRun();
            if (run === undefined) return;
            inHand.push(run);
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
            worker.postMessage(run);
          }
        };
        worker.on("message", (result: RunResult) => {
          hasAnswered = true;
          inHand.shift();
          finish(result);
          give();
        });
        worker.once("error", (error) => {
          this.#workers.delete(worker);
          const [run, ...untouched] = inHand;
          again.push(...untouched);
          // A worker that cannot even begin would be replaced for ever.
          if (run === undefined || (!hasAnswered && !isOutOfMemory(error))) return reject(error);
          finish({ ...this.#sweep.point(run), error: `its worker ended: ${error.message}` });
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
    const { document, source } = this.#sweep;
    const workerData: WorkerStart = { document, source, forks: this.#options.forks };
    const worker = new Worker(new URL(import.meta.resolve("@memhp/sweep/worker")), {
      name: "memhp sweep",
      workerData,
    });
    this.#workers.add(worker);
    return worker;
  }
}

function isOutOfMemory(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
}

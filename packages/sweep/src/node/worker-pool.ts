import { JobLists } from "./job-lists.ts";
import { JobProcess, type JobProcessOptions } from "./job-process.ts";

export interface WorkerPoolOptions<Result> extends JobProcessOptions<Result> {
  readonly workers: number;
}

/** Lists that a worker has in hand or in its letter box, so that it never waits for the next. */
const IN_HAND = 2;

/** Processes that carry out numbered jobs. */
export class WorkerPool<Result> {
  readonly #processes: readonly JobProcess<Result>[];

  constructor({ workers, ...options }: WorkerPoolOptions<Result>) {
    this.#processes = Array.from({ length: workers }, () => new JobProcess(options));
  }

  /**
   * Carries out jobs from..end-1.
   * @param take hears of each result, and answers true where that is enough.
   */
  async run(from: number, end: number, take: (result: Result) => boolean): Promise<void> {
    const jobs = new JobLists(from, end, this.#processes.length);
    let isEnough = false;
    // Nobody waits for what the others have in hand when there is enough.
    let stop = (): void => {};
    const enough = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const keepBusy = async (worker: JobProcess<Result>): Promise<void> => {
      for (let list = jobs.next(); list !== undefined && !isEnough; list = jobs.next()) {
        const begun = performance.now();
        const results = await worker.perform(list);
        jobs.took(list.length, performance.now() - begun);
        for (const result of results) if (!isEnough) isEnough = take(result);
        if (isEnough) stop();
      }
    };
    const all = this.#processes.flatMap((worker) => Array.from({ length: IN_HAND }, () => keepBusy(worker)));
    await Promise.race([Promise.all(all), enough]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((worker) => worker.close()));
  }
}

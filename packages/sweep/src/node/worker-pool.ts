import { JobLists } from "./job-lists.ts";
import { JobThread, type JobThreadOptions } from "./job-thread.ts";

export interface WorkerPoolOptions<Result> extends JobThreadOptions<Result> {
  readonly workers: number;
}

/** Lists that a worker has in hand or in its letter box, so that it never waits for the next. */
const IN_HAND = 2;

/** Worker threads that carry out numbered jobs. */
export class WorkerPool<Result> {
  readonly #threads: readonly JobThread<Result>[];

  constructor({ workers, ...options }: WorkerPoolOptions<Result>) {
    this.#threads = Array.from({ length: workers }, () => new JobThread(options));
  }

  /**
   * Carries out jobs from..end-1.
   * @param take hears of each result, and answers true where that is enough.
   */
  async run(from: number, end: number, take: (result: Result) => boolean): Promise<void> {
    const jobs = new JobLists(from, end, this.#threads.length);
    let isEnough = false;
    // Nobody waits for what the others have in hand when there is enough.
    let stop = (): void => {};
    const enough = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const keepBusy = async (thread: JobThread<Result>): Promise<void> => {
      for (let list = jobs.next(); list !== undefined && !isEnough; list = jobs.next()) {
        const begun = performance.now();
        const results = await thread.perform(list);
        jobs.took(list.length, performance.now() - begun);
        for (const result of results) if (!isEnough) isEnough = take(result);
        if (isEnough) stop();
      }
    };
    const all = this.#threads.flatMap((thread) => Array.from({ length: IN_HAND }, () => keepBusy(thread)));
    await Promise.race([Promise.all(all), enough]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

import type { Worker } from "node:worker_threads";

export interface JobThreadOptions<Result> {
  /** Starts a worker: it posts an empty list when it is ready, and then a list of results for each list of jobs, in order. */
  readonly start: () => Worker;
  /** The result of a job that ended its worker. */
  readonly lost: (job: number, error: Error) => Result;
}

interface Waiting<Result> {
  readonly jobs: readonly number[];
  readonly resolve: (results: readonly Result[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker thread that carries out lists of numbered jobs. If it dies another takes its place, and a job that ended one by itself is lost. */
export class JobThread<Result> {
  readonly #options: JobThreadOptions<Result>;
  readonly #waiting: Waiting<Result>[] = [];
  #worker: Worker | undefined;
  #isReady = false;

  constructor(options: JobThreadOptions<Result>) {
    this.#options = options;
  }

  /** Lists are carried out in the order in which they come. */
  perform(jobs: readonly number[]): Promise<readonly Result[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ jobs, resolve, reject });
      this.#post(jobs);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #performOneByOne({ jobs, resolve, reject }: Waiting<Result>): Promise<void> {
    try {
      const results = await Promise.all(jobs.map((job) => this.perform([job])));
      resolve(results.flat());
    } catch (error) {
      reject(error);
    }
  }

  #post(jobs: readonly number[]): void {
    this.#worker ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    this.#worker.postMessage(jobs);
  }

  #start(): Worker {
    const worker = this.#options.start();
    this.#isReady = false;
    worker.on("message", (results: readonly Result[]) => {
      if (this.#isReady) this.#waiting.shift()?.resolve(results);
      this.#isReady = true;
    });
    // What it did before it died may come after the error, but never after its exit: it counts, and the blame falls on the right list.
    let cause: Error | undefined;
    worker.once("error", (error: Error) => (cause = error));
    worker.once("exit", (code) => {
      if (this.#worker === worker) this.#died(cause ?? new Error(`the worker ended with code ${code}`));
    });
    return worker;
  }

  #died(error: Error): void {
    this.#worker = undefined;
    const [first, ...untouched] = this.#waiting.splice(0);
    if (first === undefined) return;
    // A worker that cannot even begin would be replaced for ever.
    if (!this.#isReady && !isOutOfMemory(error)) {
      for (const each of [first, ...untouched]) each.reject(error);
      return;
    }
    const [only, ...others] = first.jobs;
    // One of the list did it: one by one they show which.
    if (only !== undefined && others.length === 0) first.resolve([this.#options.lost(only, error)]);
    else void this.#performOneByOne(first);
    for (const each of untouched) {
      this.#waiting.push(each);
      this.#post(each.jobs);
    }
  }
}

function isOutOfMemory(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
}

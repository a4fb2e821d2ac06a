import { type Death, type Said, WorkerProcess } from "./worker-process.ts";

export interface JobProcessOptions<Result> {
  /** Path of a program that serves jobs (`serveJobs`). */
  readonly program: string;
  /** What it is told before any job, once. */
  readonly begin: unknown;
  /** The result of a job that ended its worker. */
  readonly lost: (job: number, why: string) => Result;
  /** Hears what a job under way has come to so far, where its worker tells. */
  readonly onPartial?: (soFar: Result) => void;
  /** One that has a job in hand and says nothing for so long is ended, and why it is said to be. */
  readonly silence?: { readonly mostMs: number; readonly why: string };
}

interface Waiting<Result> {
  readonly jobs: readonly number[];
  readonly resolve: (results: readonly Result[]) => void;
  readonly reject: (error: unknown) => void;
  /** How often its worker was killed over it. */
  kills: number;
}

/** Whoever sends signals to workers may meet the same job again; what gives a process no room does so each time. */
const MOST_KILLS = 3;

/**
 * A process that carries out lists of numbered jobs. If it dies another takes its place and the list is taken again; a job that ends one by
 * itself is lost.
 */
export class JobProcess<Result> {
  readonly #options: JobProcessOptions<Result>;
  readonly #waiting: Waiting<Result>[] = [];
  #worker: WorkerProcess<Result> | undefined;
  #isReady = false;
  /** Workers in a row that were killed before they were ready. */
  #stillborn = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: JobProcessOptions<Result>) {
    this.#options = options;
  }

  /** Lists are carried out in the order in which they come. */
  perform(jobs: readonly number[]): Promise<readonly Result[]> {
    return new Promise((resolve, reject) => {
      this.#give({ jobs, resolve, reject, kills: 0 });
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    clearTimeout(this.#silence);
    await worker?.close();
  }

  /** It has just said something, or has got something to do. */
  #listen(): void {
    const { silence } = this.#options;
    clearTimeout(this.#silence);
    if (silence === undefined || this.#waiting.length === 0) return;
    this.#silence = setTimeout(() => this.#worker?.end(silence.why), silence.mostMs);
  }

  #give(waiting: Waiting<Result>): void {
    this.#waiting.push(waiting);
    this.#worker ??= this.#start();
    this.#worker.send(waiting.jobs);
    if (this.#waiting.length === 1) this.#listen();
  }

  async #performOneByOne({ jobs, resolve, reject }: Waiting<Result>): Promise<void> {
    try {
      const results = await Promise.all(jobs.map((job) => this.perform([job])));
      resolve(results.flat());
    } catch (error) {
      reject(error);
    }
  }

  #start(): WorkerProcess<Result> {
    const { program, begin } = this.#options;
    this.#isReady = false;
    const worker = new WorkerProcess<Result>(program, begin, {
      said: (said: Said<Result>) => {
        if ("results" in said) this.#waiting.shift()?.resolve(said.results);
        else if ("partial" in said) this.#options.onPartial?.(said.partial);
        else this.#isReady = true;
        this.#listen();
      },
      died: (death) => {
        if (this.#worker === worker) this.#died(death);
      },
    });
    return worker;
  }

  #died(death: Death): void {
    this.#worker = undefined;
    const [first, ...untouched] = this.#waiting.splice(0);
    if (first === undefined) return;
    this.#stillborn = this.#isReady ? 0 : this.#stillborn + 1;
    if (this.#stillborn > 0) {
      // A worker that cannot even begin would be replaced for ever.
      const isHopeless = !death.isKilled || this.#stillborn >= MOST_KILLS;
      for (const each of [first, ...untouched])
        if (isHopeless) each.reject(new Error(`a worker could not begin: ${death.why}`));
        else this.#give(each);
      return;
    }
    this.#again(first, death);
    for (const each of untouched) this.#give(each);
  }

  #again(list: Waiting<Result>, { why, isKilled }: Death): void {
    const [only, ...others] = list.jobs;
    // One of the list did it: one by one they show which.
    if (only === undefined || others.length > 0) return void this.#performOneByOne(list);
    list.kills++;
    if (isKilled && list.kills < MOST_KILLS) this.#give(list);
    else list.resolve([this.#options.lost(only, why)]);
  }
}

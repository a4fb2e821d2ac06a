/** A list should keep a worker busy so long that its post does not count. */
const BUSY_MS = 50;
const MOST_JOBS = 64;

/** Numbered jobs, dealt out as lists that grow until each takes a while. */
export class JobLists {
  #next: number;
  readonly #end: number;
  readonly #workers: number;
  #size = 1;

  constructor(from: number, end: number, workers: number) {
    this.#next = from;
    this.#end = end;
    this.#workers = workers;
  }

  /** @returns undefined where none are left. */
  next(): readonly number[] | undefined {
    if (this.#next >= this.#end) return undefined;
    // Towards the end nobody should have much in hand while others have nothing.
    const fair = Math.ceil((this.#end - this.#next) / (4 * this.#workers));
    const count = Math.min(this.#size, fair);
    const list = Array.from({ length: count }, (_, i) => this.#next + i);
    this.#next += count;
    return list;
  }

  /** How long a list was in hand, with another before it. */
  took(jobs: number, ms: number): void {
    if (jobs < this.#size) return;
    if (ms < BUSY_MS) this.#size = Math.min(MOST_JOBS, this.#size * 2);
    else if (ms > 8 * BUSY_MS) this.#size = Math.max(1, this.#size >> 1);
  }
}

/** Passes results on in the order of their numbers, however they come, until whoever hears of them says that it is enough. */
export class InOrder<Result> {
  #next: number;
  readonly #numberOf: (result: Result) => number;
  readonly #pass: (result: Result) => boolean | void;
  #isEnough = false;
  readonly #waiting = new Map<number, Result>();

  constructor(first: number, numberOf: (result: Result) => number, pass: (result: Result) => boolean | void) {
    this.#next = first;
    this.#numberOf = numberOf;
    this.#pass = pass;
  }

  /** Number of the first that has not been passed on. */
  get next(): number {
    return this.#next;
  }

  /** What comes behind is never passed on, so that it does not matter who was faster. */
  get isEnough(): boolean {
    return this.#isEnough;
  }

  add(result: Result): void {
    if (this.#isEnough) return;
    this.#waiting.set(this.#numberOf(result), result);
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next);
      this.#next++;
      this.#isEnough = this.#pass(next) === true;
      if (this.#isEnough) return this.#waiting.clear();
    }
  }

  /** No more come: those that wait for others are passed on without them, in their order, and so are these. */
  end(others: Iterable<Result>): void {
    if (this.#isEnough) return;
    for (const other of others) this.#waiting.set(this.#numberOf(other), other);
    this.#isEnough = true;
    for (const [, result] of [...this.#waiting].toSorted(([a], [b]) => a - b)) if (this.#pass(result) === true) break;
    this.#waiting.clear();
  }
}

/** Passes results on in the order of their numbers, however they come. */
export class InOrder<Result> {
  #next: number;
  readonly #numberOf: (result: Result) => number;
  readonly #pass: (result: Result) => void;
  readonly #waiting = new Map<number, Result>();

  constructor(first: number, numberOf: (result: Result) => number, pass: (result: Result) => void) {
    this.#next = first;
    this.#numberOf = numberOf;
    this.#pass = pass;
  }

  /** Number of the first that has not been passed on. */
  get next(): number {
    return this.#next;
  }

  add(result: Result): void {
    this.#waiting.set(this.#numberOf(result), result);
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next);
      this.#next++;
      this.#pass(next);
    }
  }
}

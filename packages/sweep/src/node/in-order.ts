import type { RunResult } from "../sweep-runner.ts";

/** Passes results on in the order of their runs, however they come. */
export class InOrder {
  #next: number;
  readonly #pass: (result: RunResult) => void;
  readonly #waiting = new Map<number, RunResult>();

  constructor(first: number, pass: (result: RunResult) => void) {
    this.#next = first;
    this.#pass = pass;
  }

  add(result: RunResult): void {
    this.#waiting.set(result.run, result);
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next);
      this.#next++;
      this.#pass(next);
    }
  }
}

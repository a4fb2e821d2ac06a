/**
 * Whole numbers in order, those that follow each other at equal distances as one: `[start, count, step]`.
 * Blocks, frames and free lists are long and regular on most machines.
 */
export type Progressions = readonly (number | readonly [start: number, count: number, step: number])[];

/** Fewer than this are shorter as they are. */
const LEAST = 3;

export class ProgressionWriter {
  readonly #done: (number | readonly [number, number, number])[] = [];
  #start = 0;
  #count = 0;
  #step = 0;

  /** Adds `count` numbers at a distance of `step`. */
  add(value: number, count = 1, step = 1): void {
    if (count === 0) return;
    if (this.#continues(value, count, step)) {
      if (this.#count === 1) this.#step = value - this.#start;
      this.#count += count;
      return;
    }
    if (count === 1 && this.#count > 1 && this.#count < LEAST) {
      // Two numbers are no progression yet: the second may begin one.
      this.#done.push(this.#start);
      this.#start += this.#step;
      this.#step = value - this.#start;
      return;
    }
    this.#flush();
    this.#start = value;
    this.#count = count;
    this.#step = step;
  }

  #continues(value: number, count: number, step: number): boolean {
    if (this.#count === 0) return false;
    const gap = value - (this.#start + (this.#count - 1) * this.#step);
    if (count > 1 && gap !== step) return false;
    return this.#count === 1 || gap === this.#step;
  }

  #flush(): void {
    if (this.#count >= LEAST) this.#done.push([this.#start, this.#count, this.#step]);
    else for (let i = 0; i < this.#count; i++) this.#done.push(this.#start + i * this.#step);
    this.#count = 0;
  }

  finish(): Progressions {
    this.#flush();
    return this.#done;
  }
}

/** Numbers as arithmetic progressions, which rows of blocks mostly are. */
export function progressionsOf(values: Iterable<number>): Progressions {
  const writer = new ProgressionWriter();
  for (const value of values) writer.add(value);
  return writer.finish();
}

/** How many numbers there are. */
export function lengthOfProgressions(progressions: Progressions): number {
  return progressions.reduce<number>((sum, each) => sum + (typeof each === "number" ? 1 : each[1]), 0);
}

/** The numbers one by one. */
export function* valuesOf(progressions: Progressions): Generator<number> {
  for (const each of progressions) {
    if (typeof each === "number") yield each;
    else for (let i = 0; i < each[1]; i++) yield each[0] + i * each[2];
  }
}

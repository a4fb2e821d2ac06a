/** A column, equal neighbours as one: value, count, value, count … */
export type ValueRuns = readonly number[];

export class ValueRunWriter {
  readonly #runs: number[] = [];

  add(value: number, count = 1): void {
    const { length } = this.#runs;
    if (length > 0 && this.#runs[length - 2] === value)
      this.#runs[length - 1] = (this.#runs[length - 1] as number) + count;
    else if (count > 0) this.#runs.push(value, count);
  }

  finish(): ValueRuns {
    return this.#runs;
  }
}

/** Reads a column from its beginning. */
class ValueRunReader {
  readonly #runs: ValueRuns;
  #at = 0;
  #used = 0;

  constructor(runs: ValueRuns) {
    this.#runs = runs;
  }

  /** The value here; undefined at the end. */
  get value(): number | undefined {
    return this.#runs[this.#at];
  }

  /** How many equal ones follow, this one included. */
  get left(): number {
    return (this.#runs[this.#at + 1] ?? 0) - this.#used;
  }

  /** Steps over so many, no more than `left`. */
  skip(count: number): void {
    this.#used += count;
    if (this.#used < (this.#runs[this.#at + 1] ?? 0)) return;
    this.#at += 2;
    this.#used = 0;
  }
}

/** Steps over several columns at once, as far as all of them stay the same. */
export function* eachRun(
  columns: readonly ValueRuns[],
): Generator<{ readonly values: readonly number[]; readonly count: number }> {
  const readers = columns.map((column) => new ValueRunReader(column));
  for (;;) {
    const count = Math.min(...readers.map(({ left }) => left));
    if (!(count > 0)) return;
    yield { values: readers.map(({ value }) => value as number), count };
    for (const reader of readers) reader.skip(count);
  }
}

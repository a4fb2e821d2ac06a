/** A value of /proc/kpageflags or /proc/kpagecount as two words: bits 0 to 31 and 32 to 63. */
export interface PageValue {
  /** Bits 0 to 31. */
  readonly low: number;
  /** Bits 32 to 63. */
  readonly high: number;
}

/** Pages in a row that carry the same value; `value` is its index in `PageRuns.values`. */
export interface PageRun {
  readonly startPfn: number;
  readonly pages: number;
  readonly value: number;
}

/** Runs of pages, ascending and apart, in columns: 16 bytes a run. Pages in no run were not read. */
export class PageRuns {
  readonly values: readonly PageValue[];
  readonly length: number;
  /** Whether the file ended, or was cut, before all that was promised. */
  readonly isCut: boolean;
  readonly #starts: Float64Array;
  readonly #counts: Uint32Array;
  readonly #indexes: Uint32Array;

  constructor(
    values: readonly PageValue[],
    length: number,
    columns: { readonly starts: Float64Array; readonly counts: Uint32Array; readonly indexes: Uint32Array },
    isCut: boolean,
  ) {
    this.values = values;
    this.length = length;
    this.isCut = isCut;
    this.#starts = columns.starts;
    this.#counts = columns.counts;
    this.#indexes = columns.indexes;
  }

  /** The parts of runs within pfns `start` (included) to `end` (not included), ascending. */
  *within(start: number, end: number): IterableIterator<PageRun> {
    for (let at = this.#firstAfter(start); at < this.length; at++) {
      const runStart = this.#starts[at] as number;
      if (runStart >= end) return;
      const from = Math.max(runStart, start);
      const to = Math.min(runStart + (this.#counts[at] as number), end);
      yield { startPfn: from, pages: to - from, value: this.#indexes[at] as number };
    }
  }

  /** Pages of the range that runs tell of. */
  covered(start: number, end: number): number {
    let pages = 0;
    for (const run of this.within(start, end)) pages += run.pages;
    return pages;
  }

  /** First run that ends after `pfn`. */
  #firstAfter(pfn: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) + (this.#counts[middle] as number) > pfn) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

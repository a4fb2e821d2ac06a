/** A block range: from the first on, up to and without `end`. */
interface Range {
  readonly first: number;
  end: number;
}

/** Blocks whose rows have changed, as ranges: bulk work touches neighbours one after another, each of them at several steps. */
export class TouchedBlocks {
  #ranges: Range[] = [];
  #last: Range | undefined;

  add(block: number): void {
    this.addRange(block, 1);
  }

  /** `count` neighbours from `first` on. */
  addRange(first: number, count: number): void {
    const last = this.#last;
    const end = first + count;
    if (last === undefined || first < last.first || first > last.end) this.#ranges.push((this.#last = { first, end }));
    else last.end = Math.max(last.end, end);
  }

  clear(): void {
    this.#ranges = [];
    this.#last = undefined;
  }

  /** Their numbers, ascending, each once. */
  *[Symbol.iterator](): Iterator<number> {
    let next = 0;
    for (const { first, end } of this.#ranges.toSorted((a, b) => a.first - b.first))
      for (next = Math.max(next, first); next < end; next++) yield next;
  }
}

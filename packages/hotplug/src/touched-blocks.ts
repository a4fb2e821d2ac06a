import type { BlockRange } from "@memhp/engine";

/** Blocks whose rows have changed, as ranges: bulk work touches neighbours one after another, each of them at several steps. */
export class TouchedBlocks {
  #ranges: { first: number; end: number }[] = [];
  #last: { first: number; end: number } | undefined;

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

  /** Ascending, each block in one. */
  *ranges(): Generator<BlockRange> {
    let next = 0;
    for (const { first, end } of this.#ranges.toSorted((a, b) => a.first - b.first)) {
      if (end <= next) continue;
      yield { first: Math.max(next, first), end };
      next = end;
    }
  }

  /** Their numbers, ascending, each once. */
  *[Symbol.iterator](): Iterator<number> {
    for (const { first, end } of this.ranges()) for (let block = first; block < end; block++) yield block;
  }
}

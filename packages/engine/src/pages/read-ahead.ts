import { FREE_HEAD, headOrder } from "./page-state.ts";

// Free pages of memory that was used for long lie scattered over it. Who walks along a list of them waits for memory at each step, since
// only a page tells of the next one. Reads that do not depend on each other come side by side; so what is known of the walk is read
// first. Nothing is decided here: a wrong guess costs a read.

/** Pages that are read before they are taken; their lines stay in the second cache until then. */
const AHEAD = 512;
/** The walk may have left so many pages out that somebody took from the middle of the list. */
const MOST_SKIPPED = 4 * AHEAD;
const LEAST_ENTRIES = 256;
const MOST_ENTRIES = 1 << 21;

/** Pages that were put at the head of one list, the last one last: where none was taken out, they are the list. */
export class RecentHeads {
  #entries = new Int32Array(0);
  #length = 0;

  get bytes(): number {
    return this.#entries.byteLength;
  }

  push(index: number): void {
    if (this.#length === this.#entries.length) this.#makeRoom();
    this.#entries[this.#length++] = index;
  }

  #makeRoom(): void {
    const { length } = this.#entries;
    if (length === MOST_ENTRIES) {
      // Those that were put there first are taken last.
      this.#length = length / 2;
      this.#entries.copyWithin(0, length / 2);
      return;
    }
    const longer = new Int32Array(Math.max(LEAST_ENTRIES, 2 * length));
    longer.set(this.#entries);
    this.#entries = longer;
  }

  /** Reads what stands on the list from its head on. @returns how many pages that may be. */
  readAhead(head: number, columns: Columns): number {
    const entries = this.#entries;
    const least = Math.max(0, this.#length - MOST_SKIPPED);
    let top = this.#length;
    while (top > least && entries[top - 1] !== head) top--;
    if (top === least) {
      this.#length = 0;
      return Number.POSITIVE_INFINITY;
    }
    const end = Math.max(0, top - AHEAD);
    const { state, linkA, linkB } = columns;
    let sum = 0;
    for (let i = top - 1; i >= end; i--) {
      const at = entries[i] as number;
      sum = (sum + (linkA[at] as number) + (linkB[at] as number) + (state[at] as number)) | 0;
    }
    seen.sum = sum;
    this.#length = end;
    return AHEAD;
  }
}

/** Reads the pages before and behind the free chunks of a range on their lists, which whoever takes these off the lists writes. */
export function readNeighbours({ state, linkA, linkB }: Columns, from: number, end: number): void {
  let sum = 0;
  for (let index = from; index < end;) {
    const code = state[index] as number;
    if (code < FREE_HEAD) {
      index++;
      continue;
    }
    const next = linkA[index] as number;
    const prev = linkB[index] as number;
    if (next >= 0) sum += linkB[next] as number;
    if (prev >= 0) sum += linkA[prev] as number;
    index += 1 << (headOrder[code] as number);
  }
  seen.sum = sum | 0;
}

interface Columns {
  readonly state: Uint8Array;
  readonly linkA: Int32Array;
  readonly linkB: Int32Array;
}

/** What was read for no other reason, so that no engine leaves the reads out. */
const seen = { sum: 0 };

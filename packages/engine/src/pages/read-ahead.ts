import { FREE_HEAD, headOrder } from "./page-state.ts";

// Free pages of memory that was used for long lie scattered over it, and who writes to them waits for memory at each. Reads that do not depend on
// each other come side by side; so what will be written is read first. Nothing is decided here.

interface Columns {
  readonly state: Uint8Array;
  readonly linkA: Int32Array;
  readonly linkB: Int32Array;
}

/** Pages that are read before they are written; their lines stay in the second cache until then. */
export const AHEAD = 512;

/** Reads what is written of single pages when they are taken. */
export function readPages({ state, linkA }: Columns, pages: Int32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const at = pages[i] as number;
    sum = (sum + (linkA[at] as number) + (state[at] as number)) | 0;
  }
  seen.sum = sum;
}

/** Reads the chunks before and behind the free ones of a range on their lists, which whoever takes these off the lists writes. Single pages have none. */
export function readNeighbours({ state, linkA, linkB }: Columns, from: number, end: number): void {
  let sum = 0;
  for (let index = from; index < end;) {
    const code = state[index] as number;
    const order = code < FREE_HEAD ? 0 : (headOrder[code] as number);
    if (order > 0) {
      const next = linkA[index] as number;
      const prev = linkB[index] as number;
      if (next >= 0) sum = (sum + (linkB[next] as number)) | 0;
      if (prev >= 0) sum = (sum + (linkA[prev] as number)) | 0;
    }
    index += 1 << order;
  }
  seen.sum = sum;
}

/** What was read for no other reason, so that no engine leaves the reads out. */
export const seen = { sum: 0 };

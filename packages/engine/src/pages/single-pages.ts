import { NIL } from "./block-rows.ts";
import { seen } from "./read-ahead.ts";

const LEAST_ENTRIES = 256;
const NO_ENTRIES = new Int32Array(0);
/** A column in which each page of the list has its place. */
type Places = Int32Array;

/**
 * A free list of single pages, from its head to its tail, as a ring. In memory that was used for long they are most of what is free, and lie
 * scattered: linked to each other, who takes one off a list would write to two others, and who walks along it wait for memory at each. Here a page
 * knows its place on the list, and leaves a gap there. Places are counted on from 0 upwards and downwards, so that they stay what they are when the
 * ring grows. The first and the last place are no gaps.
 */
export class SinglePages {
  #entries = NO_ENTRIES;
  #head = 0;
  /** Behind the last place. */
  #tail = 0;

  get bytes(): number {
    return this.#entries.byteLength;
  }

  /** The page at the head, or NIL. */
  get first(): number {
    return this.#head === this.#tail ? NIL : (this.#entries[this.#head & (this.#entries.length - 1)] as number);
  }

  /** @param count pages on the list */
  putFirst(index: number, places: Places, count: number): void {
    if (((this.#tail - this.#head) | 0) === this.#entries.length) this.#makeRoom(places, count + 1);
    const at = (this.#head - 1) | 0;
    this.#entries[at & (this.#entries.length - 1)] = index;
    places[index] = at;
    this.#head = at;
  }

  /** @param count pages on the list */
  putLast(index: number, places: Places, count: number): void {
    if (((this.#tail - this.#head) | 0) === this.#entries.length) this.#makeRoom(places, count + 1);
    const at = this.#tail;
    this.#entries[at & (this.#entries.length - 1)] = index;
    places[index] = at;
    this.#tail = (at + 1) | 0;
  }

  /** Puts pages at the tail, one after another. @param length pages on the list */
  putEachLast(pages: Int32Array, count: number, places: Places, length: number): void {
    if (((this.#tail - this.#head) | 0) + count > this.#entries.length) this.#makeRoom(places, length + count);
    const entries = this.#entries;
    const mask = entries.length - 1;
    const from = this.#tail;
    for (let i = 0; i < count; i++) {
      const index = pages[i] as number;
      const at = (from + i) | 0;
      entries[at & mask] = index;
      places[index] = at;
    }
    this.#tail = (from + count) | 0;
  }

  /** The page at a place leaves. */
  remove(at: number): void {
    const entries = this.#entries;
    const mask = entries.length - 1;
    const after = (at + 1) | 0;
    entries[at & mask] = NIL;
    if (at === this.#head) this.#skipTo(after);
    else if (after === this.#tail) this.#endAt(at);
  }

  /** The pages at places leave. */
  removeEach(places: Int32Array, count: number): void {
    const entries = this.#entries;
    const mask = entries.length - 1;
    // Reads do not wait for each other as writes do.
    let sum = 0;
    for (let i = 0; i < count; i++) sum = (sum + (entries[(places[i] as number) & mask] as number)) | 0;
    seen.sum = sum;
    for (let i = 0; i < count; i++) entries[(places[i] as number) & mask] = NIL;
    this.#skipTo(this.#head);
    if (this.#head !== this.#tail) this.#endAt(this.#tail);
  }

  /** The first pages leave, at most so many, in their order into `pages`. @returns how many. */
  takeFirst(most: number, pages: Int32Array): number {
    const entries = this.#entries;
    const mask = entries.length - 1;
    const tail = this.#tail;
    let at = this.#head;
    let taken = 0;
    for (; taken < most && at !== tail; at = (at + 1) | 0) {
      const index = entries[at & mask] as number;
      pages[taken] = index;
      taken += index === NIL ? 0 : 1;
    }
    this.#skipTo(at);
    return taken;
  }

  /** The page at a place. */
  at(place: number): number {
    return this.#entries[place & (this.#entries.length - 1)] as number;
  }

  /** Room for so many pages in all. Where they would leave half of the places free, the list closes up instead of growing. */
  #makeRoom(places: Places, length: number): void {
    const old = this.#entries;
    const mask = old.length - 1;
    let capacity = Math.max(LEAST_ENTRIES, old.length);
    while (capacity < 2 * length) capacity *= 2;
    const entries = new Int32Array(capacity);
    const isSparse = capacity === old.length;
    let to = this.#head;
    for (let at = this.#head; at !== this.#tail; at = (at + 1) | 0) {
      const index = old[at & mask] as number;
      if (!isSparse) entries[at & (entries.length - 1)] = index;
      else if (index !== NIL) {
        entries[to & mask] = index;
        places[index] = to;
        to = (to + 1) | 0;
      }
    }
    if (isSparse) this.#tail = to;
    this.#entries = entries;
  }

  /** The head is at a place from here on, or behind the gaps there. */
  #skipTo(place: number): void {
    const entries = this.#entries;
    const mask = entries.length - 1;
    let head = place;
    while (head !== this.#tail && entries[head & mask] === NIL) head = (head + 1) | 0;
    this.#head = head;
    // A list that was long once need not keep room for that.
    if (head === this.#tail && entries.length > LEAST_ENTRIES) this.#entries = NO_ENTRIES;
  }

  /** The tail is before a place from here on, or before the gaps there. */
  #endAt(place: number): void {
    const entries = this.#entries;
    const mask = entries.length - 1;
    let tail = place;
    while (entries[(tail - 1) & mask] === NIL) tail = (tail - 1) | 0;
    this.#tail = tail;
  }

  /** Pages from the head to the tail. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = this.#head; at !== this.#tail; at = (at + 1) | 0) {
      const index = this.#entries[at & (this.#entries.length - 1)] as number;
      if (index !== NIL) yield index;
    }
  }
}

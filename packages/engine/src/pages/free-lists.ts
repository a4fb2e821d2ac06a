import { chunkOfRow, NIL, rowOfChunk } from "./block-rows.ts";
import { MIGRATE_CLASSES } from "./migrate-class.ts";
import { freeHead, headOrder, headType } from "./page-state.ts";
import { LIST_WORDS, type PageStore } from "./page-store.ts";
import { AHEAD } from "./read-ahead.ts";
import type { SinglePages } from "./single-pages.ts";

// Single pages stand in rings (single-pages.ts), where link A is a page's place; where a list has one page alone, as mostly where memory is new,
// the list's second word is that page, and the ring is empty. All others are doubly linked lists through the link columns.
// Where a largest-order list holds a block that is free as a whole, its id is negative and its links stand in the block's row; every other
// member is a page index.

/** Where a list's words stand in `lists`: its head, its tail, and how many chunks it has. */
export function listOf(store: PageStore, zone: number, order: number, type: number): number {
  return zone * store.listWords + (order * MIGRATE_CLASSES + type) * LIST_WORDS;
}

function setNext(store: PageStore, id: number, next: number): void {
  if (id >= 0) store.linkA[id] = next;
  else store.rows.next[rowOfChunk(id)] = next;
}
function setPrev(store: PageStore, id: number, prev: number): void {
  if (id >= 0) store.linkB[id] = prev;
  else store.rows.prev[rowOfChunk(id)] = prev;
}

function join(store: PageStore, list: number, before: number, after: number): void {
  if (before === NIL) store.lists[list] = after;
  else setNext(store, before, after);
  if (after === NIL) store.lists[list + 1] = before;
  else setPrev(store, after, before);
}

/** The ring of a list, with all pages of the list in it. */
export function ringOf(store: PageStore, list: number, zone: number, type: number): SinglePages {
  const singles = store.singlePages(zone, type);
  const alone = store.lists[list + 1] as number;
  if (alone !== NIL) {
    singles.putLast(alone, store.linkA, 0);
    store.lists[list + 1] = NIL;
  }
  return singles;
}

/** Puts a free single page on a list and marks it. No references are left of whoever used it last. */
export function addSingle(store: PageStore, index: number, zone: number, type: number, place: "head" | "tail"): void {
  const { lists } = store;
  const list = (Math.imul(zone, store.listWords) + (type << 2)) | 0;
  const count = lists[list + 2] as number;
  store.state[index] = 0x80 + type;
  store.linkB[index] = 0;
  lists[list + 2] = count + 1;
  if (count === 0) {
    lists[list] = index;
    lists[list + 1] = index;
    return;
  }
  const singles = ringOf(store, list, zone, type);
  if (place === "head") {
    singles.putFirst(index, store.linkA, count);
    lists[list] = index;
  } else singles.putLast(index, store.linkA, count);
}

/** Takes a free single page off its list. Its state is the caller's to write. */
export function removeSingle(store: PageStore, index: number, zone: number, type: number): void {
  const { lists } = store;
  const list = (Math.imul(zone, store.listWords) + (type << 2)) | 0;
  lists[list + 2] = (lists[list + 2] as number) - 1;
  if (lists[list + 1] === index) {
    lists[list] = NIL;
    lists[list + 1] = NIL;
    return;
  }
  const singles = store.singlePages(zone, type);
  singles.remove(store.linkA[index] as number);
  if (lists[list] === index) lists[list] = singles.first;
}

const places = new Int32Array(AHEAD);

/** Takes free single pages off their list, at most `AHEAD`. Their states are the caller's to write. */
export function removeSingles(store: PageStore, pages: Int32Array, count: number, zone: number, type: number): void {
  const { lists, linkA } = store;
  const list = listOf(store, zone, 0, type);
  const singles = ringOf(store, list, zone, type);
  for (let i = 0; i < count; i++) places[i] = linkA[pages[i] as number] as number;
  singles.removeEach(places, count);
  lists[list] = singles.first;
  lists[list + 2] = (lists[list + 2] as number) - count;
}

/** Puts free single pages on a list, one after another, and marks them. */
export function addSingles(
  store: PageStore,
  pages: Int32Array,
  count: number,
  zone: number,
  type: number,
  place: "head" | "tail",
): void {
  if (place === "head") {
    for (let i = 0; i < count; i++) addSingle(store, pages[i] as number, zone, type, place);
    return;
  }
  const { lists, state, linkB } = store;
  const list = listOf(store, zone, 0, type);
  const singles = ringOf(store, list, zone, type);
  const code = freeHead(0, type);
  for (let i = 0; i < count; i++) {
    const index = pages[i] as number;
    state[index] = code;
    linkB[index] = 0;
  }
  singles.putEachLast(pages, count, store.linkA, lists[list + 2] as number);
  lists[list] = singles.first;
  lists[list + 2] = (lists[list + 2] as number) + count;
}

/** Members of a list from its head to its tail: first pages of chunks, and blocks that are free as a whole (`chunkOfRow`). */
export function* membersOf(store: PageStore, zone: number, order: number, type: number): Generator<number> {
  const list = listOf(store, zone, order, type);
  if (order === 0) {
    if (store.lists[list + 1] === NIL) yield* store.singlePages(zone, type);
    else yield store.lists[list + 1] as number;
    return;
  }
  for (let id = store.lists[list] as number; id !== NIL;) {
    yield id;
    id = (id >= 0 ? store.linkA[id] : store.rows.next[rowOfChunk(id)]) as number;
  }
}

/** Puts a free chunk of pages on a list and marks its first page. */
export function addFree(
  store: PageStore,
  index: number,
  zone: number,
  order: number,
  type: number,
  place: "head" | "tail",
): void {
  if (order === 0) return addSingle(store, index, zone, type, place);
  const list = listOf(store, zone, order, type);
  store.state[index] = freeHead(order, type);
  (store.lists[list + 2] as number)++;
  if (place === "head") {
    const old = store.lists[list] as number;
    store.linkA[index] = old;
    store.linkB[index] = NIL;
    store.lists[list] = index;
    if (old >= 0) store.linkB[old] = index;
    else if (old === NIL) store.lists[list + 1] = index;
    else store.rows.prev[rowOfChunk(old)] = index;
  } else {
    const old = store.lists[list + 1] as number;
    store.linkA[index] = NIL;
    store.linkB[index] = old;
    store.lists[list + 1] = index;
    if (old >= 0) store.linkA[old] = index;
    else if (old === NIL) store.lists[list] = index;
    else store.rows.next[rowOfChunk(old)] = index;
  }
}

/** Takes a free chunk of pages off its list. The first page's state is the caller's to write. */
export function removeFree(store: PageStore, index: number, zone: number): void {
  const code = store.state[index] as number;
  if (headOrder[code] === 0) return removeSingle(store, index, zone, headType[code] as number);
  const list = listOf(store, zone, headOrder[code] as number, headType[code] as number);
  const next = store.linkA[index] as number;
  const prev = store.linkB[index] as number;
  (store.lists[list + 2] as number)--;
  if (prev >= 0) store.linkA[prev] = next;
  else if (prev === NIL) store.lists[list] = next;
  else store.rows.next[rowOfChunk(prev)] = next;
  if (next >= 0) store.linkB[next] = prev;
  else if (next === NIL) store.lists[list + 1] = prev;
  else store.rows.prev[rowOfChunk(next)] = prev;
}

/** Largest chunks of a block without a slot that are free, if it is free. */
export function freeChunksOfBlock(store: PageStore, row: number): number {
  const { held, before, behind } = store.rows;
  const own = (store.blockPages >> store.maxOrder) - (before[row] as number) - (behind[row] as number);
  return own - (held[row] as number);
}

/**
 * Puts a block that is free as a whole on the largest-order list of its zone and migratetype, chunk by chunk upwards: where
 * each goes to the head, the highest leads.
 */
export function addBlock(store: PageStore, row: number, place: "head" | "tail"): void {
  store.rows.highFirst[row] = place === "head" ? 1 : 0;
  const list = listOf(store, store.rows.zone[row] as number, store.maxOrder, store.rows.type[row] as number);
  const id = chunkOfRow(row);
  store.lists[list + 2] = (store.lists[list + 2] as number) + freeChunksOfBlock(store, row);
  const old = (place === "head" ? store.lists[list] : store.lists[list + 1]) as number;
  if (place === "head") {
    join(store, list, NIL, id);
    setNext(store, id, old);
    if (old === NIL) store.lists[list + 1] = id;
    else setPrev(store, old, id);
  } else {
    join(store, list, id, NIL);
    setPrev(store, id, old);
    if (old === NIL) store.lists[list] = id;
    else setNext(store, old, id);
  }
}

/** Takes a block that is free as a whole off its list. */
export function removeBlock(store: PageStore, row: number): void {
  const list = listOf(store, store.rows.zone[row] as number, store.maxOrder, store.rows.type[row] as number);
  store.lists[list + 2] = (store.lists[list + 2] as number) - freeChunksOfBlock(store, row);
  join(store, list, store.rows.prev[row] as number, store.rows.next[row] as number);
}

/** Puts chunks of a block where the whole block stood on its list, in the order given. */
export function replaceBlock(store: PageStore, row: number, chunks: readonly number[]): void {
  const type = store.rows.type[row] as number;
  const list = listOf(store, store.rows.zone[row] as number, store.maxOrder, type);
  const after = store.rows.next[row] as number;
  let before = store.rows.prev[row] as number;
  for (const index of chunks) {
    store.state[index] = freeHead(store.maxOrder, type);
    join(store, list, before, index);
    store.linkB[index] = before;
    before = index;
  }
  store.linkA[before] = after;
  join(store, list, before, after);
}

import { rowOfChunk } from "./block-rows.ts";
import { addFree, addSingles, removeFree, removeSingles } from "./free-lists.ts";
import { MIGRATE_CLASSES, MigrateClass } from "./migrate-class.ts";
import { hasMovableOps, isLru } from "./page-kind.ts";
import { FREE_HEAD, FREE_INSIDE, freeHead, headOrder, headType, KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { AHEAD, readNeighbours } from "./read-ahead.ts";
import { freeChunkAround } from "./buddy.ts";

/** set_pageblock_migratetype, with the count of each type. */
export function setPageblockType(store: PageStore, pageblock: number, type: number): void {
  const zone = store.pageblockZone[pageblock] as number;
  const old = store.pageblockType[pageblock] as number;
  store.pageblockType[pageblock] = type;
  countPageblocks(store, zone, old, -1);
  countPageblocks(store, zone, type, 1);
}

export function countPageblocks(store: PageStore, zone: number, type: number, change: number): void {
  const at = zone * MIGRATE_CLASSES + type;
  store.pageblocks[at] = (store.pageblocks[at] as number) + change;
}

/** change_pageblock_range: every pageblock of a chunk of at least pageblock order. */
export function setChunkPageblocks(store: PageStore, index: number, order: number, type: number): void {
  const first = index >> store.pageblockOrder;
  const count = 1 << Math.max(0, order - store.pageblockOrder);
  for (let i = 0; i < count; i++) setPageblockType(store, first + i, type);
}

/**
 * move_freepages_block: puts the free chunks of a pageblock on another migratetype's lists.
 * A chunk larger than the pageblock is first cut into pageblocks.
 * @returns free pages that the pageblock holds.
 */
export function moveFreePages(store: PageStore, pageblock: number, type: number): number {
  const { state, pageblockOrder } = store;
  const zone = store.pageblockZone[pageblock] as number;
  const first = pageblock << pageblockOrder;
  const end = first + (1 << pageblockOrder);
  cutToPageblocks(store, first);
  readNeighbours(store, first, end);
  let moved = 0;
  let isolated = 0;
  /** Single pages of one list that move together. */
  let count = 0;
  let from = 0;
  for (let index = first; index < end;) {
    const code = state[index] as number;
    if (code < FREE_HEAD) {
      index++;
      continue;
    }
    const order = headOrder[code] as number;
    const pages = 1 << order;
    moved += pages;
    if (headType[code] === MigrateClass.isolate) isolated += pages;
    if (order > 0) relist(store, index, zone, code, freeHead(order, type));
    else {
      if (code !== from || count === AHEAD) {
        moveSingles(store, count, zone, from, type);
        count = 0;
        from = code;
      }
      singles[count++] = index;
    }
    index += pages;
  }
  moveSingles(store, count, zone, from, type);
  // NR_FREE_PAGES leaves isolated pages out.
  const counted = moved - isolated;
  const change = type === MigrateClass.isolate ? -counted : isolated;
  store.freePages[zone] = (store.freePages[zone] as number) + change;
  return moved;
}

const singles = new Int32Array(AHEAD);

/** Takes free single pages off their list and puts them on another. @param code their state byte */
function moveSingles(store: PageStore, count: number, zone: number, code: number, type: number): void {
  if (count === 0) return;
  removeSingles(store, singles, count, zone, headType[code] as number);
  addSingles(store, singles, count, zone, type, store.rules.placeMoved);
}

/**
 * Takes a free chunk of several pages off its list and puts it on another of its order: `removeFree` and `addFree`, written out, because memory that
 * was used for long has thousands of them in a block.
 * @param code its state byte
 * @param to the one that it gets
 */
function relist(store: PageStore, index: number, zone: number, code: number, to: number): void {
  const NONE = -1;
  const { state, lists, linkA, linkB, rows } = store;
  const first = Math.imul(zone, store.listWords);
  // Lists stand in the order of the state bytes of their chunks.
  const from = (first + ((code - 0x80) << 2)) | 0;
  const list = (first + ((to - 0x80) << 2)) | 0;
  const next = linkA[index] as number;
  const prev = linkB[index] as number;
  lists[from + 2] = (lists[from + 2] as number) - 1;
  if (prev >= 0) linkA[prev] = next;
  else if (prev === NONE) lists[from] = next;
  else rows.next[rowOfChunk(prev)] = next;
  if (next >= 0) linkB[next] = prev;
  else if (next === NONE) lists[from + 1] = prev;
  else rows.prev[rowOfChunk(next)] = prev;
  state[index] = to;
  lists[list + 2] = (lists[list + 2] as number) + 1;
  if (store.rules.placeMoved === "head") {
    const old = lists[list] as number;
    linkA[index] = old;
    linkB[index] = NONE;
    lists[list] = index;
    if (old >= 0) linkB[old] = index;
    else if (old === NONE) lists[list + 1] = index;
    else rows.prev[rowOfChunk(old)] = index;
  } else {
    const old = lists[list + 1] as number;
    linkA[index] = NONE;
    linkB[index] = old;
    lists[list + 1] = index;
    if (old >= 0) linkA[old] = index;
    else if (old === NONE) lists[list] = index;
    else rows.next[rowOfChunk(old)] = index;
  }
}

/** Of a chunk of two pageblocks the second goes to the tail and takes the first along; of more the last merge leads. */
export function placeUnisolated({ rules, maxOrder, pageblockOrder }: PageStore): "head" | "tail" {
  return rules.unisolateSplits && maxOrder > pageblockOrder + 1 ? "head" : rules.placeMoved;
}

/** split_large_buddy: a free chunk that covers more than the pageblock of `index` falls into pageblocks of its list. */
function cutToPageblocks(store: PageStore, index: number): void {
  if (store.state[index] !== FREE_INSIDE && (store.state[index] as number) < FREE_HEAD) return;
  const start = freeChunkAround(store, index);
  if (start < 0) return;
  const code = store.state[start] as number;
  const order = headOrder[code] as number;
  if (order <= store.pageblockOrder) return;
  const zone = store.pageblockZone[start >> store.pageblockOrder] as number;
  removeFree(store, start, zone);
  for (let at = start; at < start + (1 << order); at += 1 << store.pageblockOrder) {
    addFree(store, at, zone, store.pageblockOrder, headType[code] as number, store.rules.placeMoved);
  }
}

/** Free pages of a pageblock, and used ones that can move: what 6.x weighs before it claims the pageblock. */
export function pageblockUse(store: PageStore, pageblock: number): { free: number; movable: number } {
  const first = pageblock << store.pageblockOrder;
  const end = first + (1 << store.pageblockOrder);
  let free = 0;
  let movable = 0;
  for (let index = first; index < end;) {
    const code = store.state[index] as number;
    if (code >= FREE_HEAD) {
      free += 1 << (headOrder[code] as number);
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    if (isLru[kind] === 1 || hasMovableOps[kind] === 1) movable++;
    index++;
  }
  return { free, movable };
}

import { NIL, rowOfChunk } from "./block-rows.ts";
import { addFree, addSingle, listOf, removeFree, removeSingle } from "./free-lists.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { MIGRATE_CLASSES, MigrateClass } from "./migrate-class.ts";
import { FREE_HEAD, FREE_INSIDE, headOrder } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";

/** First page of the chunk that leads a list; an untouched block gets its pages now. NIL where the list is empty. */
export function leadingChunk(store: PageStore, list: number): number {
  const head = store.lists[list] as number;
  if (head >= NIL) return head;
  expandToFrames(store, rowOfChunk(head));
  return store.lists[list] as number;
}

// `takeSmallest` and `freeChunk` are the hot paths. They write the lists in place instead of through free-lists.ts, and
// hold page-state.ts's coding as literals: V8 reads an imported constant from memory, with a check, each time.

/**
 * __rmqueue_smallest: takes the leading chunk of the smallest sufficient order, and splits it (expand).
 * @returns the page index, or NIL. The pages' state is the caller's to write.
 */
export function takeSmallest(store: PageStore, zone: number, order: number, type: number): number {
  const CLASSES = 5;
  /** Words of one order's lists: five, of four words each. */
  const WORDS = 20;
  const NONE = -1;
  const ISOLATE = 4;
  const { lists } = store;
  const maxOrder = store.maxOrder | 0;
  let current = order | 0;
  let list = (Math.imul(zone, store.listWords) + ((Math.imul(current, CLASSES) + type) << 2)) | 0;
  while (current <= maxOrder && lists[list] === NONE) {
    current = (current + 1) | 0;
    list = (list + WORDS) | 0;
  }
  if (current > maxOrder) return NONE;
  let index = lists[list] as number;
  if (index < NONE) index = leadingChunk(store, list);
  const { linkA, linkB, freePages } = store;
  if (type !== ISOLATE) freePages[zone] = (freePages[zone] as number) - (1 << order);
  if (current === 0) {
    if (lists[list + 1] !== index) {
      removeSingle(store, index, zone, type);
      return index;
    }
    lists[list] = NONE;
    lists[list + 1] = NONE;
    lists[list + 2] = 0;
    return index;
  }
  const next = linkA[index] as number;
  lists[list] = next;
  lists[list + 2] = (lists[list + 2] as number) - 1;
  if (next >= 0) linkB[next] = NONE;
  else if (next === NONE) lists[list + 1] = NONE;
  else store.rows.prev[rowOfChunk(next)] = NONE;
  if (current === order) return index;
  const { state } = store;
  let code = (0x80 + Math.imul(current, CLASSES) + type) | 0;
  // The lists in between are empty, or the search would have ended there.
  for (let half = (current - 1) | 0; half >= order; half = (half - 1) | 0) {
    const upper = index + (1 << half);
    list = (list - WORDS) | 0;
    code = (code - CLASSES) | 0;
    state[upper] = code;
    linkA[upper] = NONE;
    linkB[upper] = half === 0 ? 0 : NONE;
    lists[list] = upper;
    lists[list + 1] = upper;
    lists[list + 2] = (lists[list + 2] as number) + 1;
  }
  return index;
}

/** Takes the lowest pages of one certain chunk, and leaves the rest on the lists of `restType` (expand). */
export function takeFromChunk(store: PageStore, index: number, zone: number, order: number, restType: number): void {
  const current = headOrder[store.state[index] as number] as number;
  removeFree(store, index, zone);
  store.freePages[zone] = (store.freePages[zone] as number) - (1 << order);
  for (let half = current - 1; half >= order; half--) addFree(store, index + (1 << half), zone, half, restType, "head");
}

/**
 * __free_one_page: puts 2^order pages back, merged with their free buddies. Pages within must already read
 * `FREE_INSIDE`. A chunk goes to the list's tail where a still larger merge is near, or it is told to (FPI_TO_TAIL), else to its head.
 */
export function freeChunk(
  store: PageStore,
  start: number,
  startOrder: number,
  place: "by-merge" | "tail" = "by-merge",
): void {
  const CLASSES = 5;
  const NONE = -1;
  const ISOLATE = 4;
  const { state, linkA, linkB, lists } = store;
  const maxOrder = store.maxOrder | 0;
  const pageblockOrder = store.pageblockOrder | 0;
  const pageblock = start >> pageblockOrder;
  const zone = store.pageblockZone[pageblock] as number;
  const type = store.pageblockType[pageblock] as number;
  const zoneLists = Math.imul(zone, store.listWords);
  let index = start | 0;
  let order = startOrder | 0;
  if (type !== ISOLATE) store.freePages[zone] = (store.freePages[zone] as number) + (1 << order);
  // Codes of free heads of one order stand together, one for each migratetype; lists do likewise.
  let base = Math.imul(order, CLASSES);
  while (order < maxOrder) {
    const buddy = index ^ (1 << order);
    const buddyType = ((state[buddy] as number) - 0x80 - base) | 0;
    if (buddyType < 0 || buddyType >= CLASSES) break;
    if (order >= pageblockOrder && !mayMergeAcross(store, buddy, zone, type)) break;
    const list = (zoneLists + ((base + buddyType) << 2)) | 0;
    if (order === 0) {
      if (lists[list + 1] === buddy) {
        lists[list] = NONE;
        lists[list + 1] = NONE;
        lists[list + 2] = 0;
      } else removeSingle(store, buddy, zone, buddyType);
    } else {
      const next = linkA[buddy] as number;
      const prev = linkB[buddy] as number;
      lists[list + 2] = (lists[list + 2] as number) - 1;
      if (prev >= 0) linkA[prev] = next;
      else if (prev === NONE) lists[list] = next;
      else store.rows.next[rowOfChunk(prev)] = next;
      if (next >= 0) linkB[next] = prev;
      else if (next === NONE) lists[list + 1] = prev;
      else store.rows.prev[rowOfChunk(next)] = prev;
    }
    state[buddy] = 0;
    index &= buddy;
    order = (order + 1) | 0;
    base = (base + CLASSES) | 0;
  }
  if (place === "tail") {
    addFree(store, index, zone, order, type, "tail");
    return;
  }
  // buddy_merge_likely: the buddy of the next order is free, so a merge waits for one more chunk.
  if (order < maxOrder - 1) {
    const higher = (index & ~(1 << order)) ^ (2 << order);
    const higherType = ((state[higher] as number) - 0x80 - base - CLASSES) | 0;
    if (higherType >= 0 && higherType < CLASSES) {
      addFree(store, index, zone, order, type, "tail");
      return;
    }
  }
  const list = (zoneLists + ((base + type) << 2)) | 0;
  const old = lists[list] as number;
  if (order === 0 && old !== NONE) {
    addSingle(store, index, zone, type, "head");
    return;
  }
  state[index] = 0x80 + base + type;
  linkA[index] = old;
  linkB[index] = order === 0 ? 0 : NONE;
  lists[list] = index;
  lists[list + 2] = (lists[list + 2] as number) + 1;
  if (old >= 0) linkB[old] = index;
  else if (old === NONE) lists[list + 1] = index;
  else store.rows.prev[rowOfChunk(old)] = index;
}

/**
 * Pageblocks merge within one zone, and never an isolated one with another, nor HighAtomic's with others
 * (migratetype_is_mergeable). 4.1 does not even merge two isolated ones. What 4.1.3 still gets
 * wrong, a plain page merging with an isolated buddy, is left out: it corrupts its free counts.
 */
function mayMergeAcross(store: PageStore, buddy: number, zone: number, type: number): boolean {
  const other = buddy >> store.pageblockOrder;
  if (store.pageblockZone[other] !== zone) return false;
  const buddyType = store.pageblockType[other] as number;
  if (buddyType === type) return type !== MigrateClass.isolate || store.rules.isolatedMerge;
  return type < MigrateClass.reserve && buddyType < MigrateClass.reserve;
}

/** First page of the free chunk that a page lies in, or NIL if the page is not free. */
export function freeChunkAround(store: PageStore, index: number): number {
  for (let order = 0; order <= store.maxOrder; order++) {
    const start = index & ~((1 << order) - 1);
    const code = store.state[start] as number;
    if (code >= FREE_HEAD)
      return (headOrder[code] as number) >= order && start + (1 << (headOrder[code] as number)) > index ? start : NIL;
    if (code !== FREE_INSIDE) return NIL;
  }
  return NIL;
}

/**
 * Free chunks of one order in a zone: a column of /proc/buddyinfo, isolated ones included, or with a migratetype one
 * of /proc/pagetypeinfo.
 */
export function freeChunks(store: PageStore, zone: number, order: number, type?: MigrateClass): number {
  if (type !== undefined) return store.lists[listOf(store, zone, order, type) + 2] as number;
  let count = 0;
  for (let each = 0; each < MIGRATE_CLASSES; each++)
    count += store.lists[listOf(store, zone, order, each) + 2] as number;
  return count;
}

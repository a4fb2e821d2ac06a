import { NIL, rowOfChunk } from "./block-rows.ts";
import { addFree, listOf, removeFree } from "./free-lists.ts";
import { materialise } from "./materialise.ts";
import { MIGRATE_CLASSES, MigrateClass } from "./migrate-class.ts";
import { FREE_HEAD, FREE_INSIDE, freeHead, headOrder } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";

/** First page of the chunk that leads a list; an untouched block gets its pages now. NIL where the list is empty. */
export function leadingChunk(store: PageStore, list: number): number {
  const head = store.listHead[list] as number;
  if (head >= NIL) return head;
  materialise(store, rowOfChunk(head));
  return store.listHead[list] as number;
}

/**
 * __rmqueue_smallest: takes the leading chunk of the smallest sufficient order, and splits it (expand). This and
 * `freeChunk` are the hot paths: they write the lists in place instead of through free-lists.ts.
 * @returns the page index, or NIL. The pages' state is the caller's to write.
 */
export function takeSmallest(store: PageStore, zone: number, order: number, type: number): number {
  const { maxOrder, listHead } = store;
  const smallest = zone * store.listsPerZone + order * MIGRATE_CLASSES + type;
  let current = order;
  let list = smallest;
  while (current <= maxOrder && listHead[list] === NIL) {
    current++;
    list += MIGRATE_CLASSES;
  }
  if (current > maxOrder) return NIL;
  const index = leadingChunk(store, list);
  const { listTail, listCount, linkA, linkB, freePages } = store;
  const next = linkA[index] as number;
  listHead[list] = next;
  (listCount[list] as number)--;
  if (next >= 0) linkB[next] = NIL;
  else if (next === NIL) listTail[list] = NIL;
  else store.rows.prev[rowOfChunk(next)] = NIL;
  if (type !== MigrateClass.isolate) freePages[zone] = (freePages[zone] as number) - (1 << order);
  if (current === order) return index;
  const { state } = store;
  let code = freeHead(current, type);
  // The lists in between are empty, or the search would have ended there.
  for (let half = current - 1; half >= order; half--) {
    const upper = index + (1 << half);
    list -= MIGRATE_CLASSES;
    code -= MIGRATE_CLASSES;
    state[upper] = code;
    linkA[upper] = NIL;
    linkB[upper] = NIL;
    listHead[list] = upper;
    listTail[list] = upper;
    (listCount[list] as number)++;
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
 * `FREE_INSIDE`. A chunk goes to the list's tail where a still larger merge is near, else to its head.
 */
export function freeChunk(store: PageStore, start: number, startOrder: number): void {
  const { state, maxOrder, pageblockOrder, linkA, linkB, listHead, listTail, listCount } = store;
  const pageblock = start >> pageblockOrder;
  const zone = store.pageblockZone[pageblock] as number;
  const type = store.pageblockType[pageblock] as number;
  const lists = zone * store.listsPerZone;
  let index = start;
  let order = startOrder;
  if (type !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) + (1 << order);
  while (order < maxOrder) {
    const buddy = index ^ (1 << order);
    // Codes of free heads of this order start here, one for each migratetype.
    const base = order * MIGRATE_CLASSES;
    const buddyType = (state[buddy] as number) - FREE_HEAD - base;
    if (buddyType < 0 || buddyType >= MIGRATE_CLASSES) break;
    if (order >= pageblockOrder && !mayMergeAcross(store, buddy, zone, type)) break;
    const list = lists + base + buddyType;
    const next = linkA[buddy] as number;
    const prev = linkB[buddy] as number;
    (listCount[list] as number)--;
    if (prev >= 0) linkA[prev] = next;
    else if (prev === NIL) listHead[list] = next;
    else store.rows.next[rowOfChunk(prev)] = next;
    if (next >= 0) linkB[next] = prev;
    else if (next === NIL) listTail[list] = prev;
    else store.rows.prev[rowOfChunk(next)] = prev;
    state[buddy] = FREE_INSIDE;
    index &= buddy;
    order++;
  }
  const list = lists + order * MIGRATE_CLASSES + type;
  state[index] = freeHead(order, type);
  (listCount[list] as number)++;
  if (order < maxOrder - 1 && isHigherBuddyFree(state, index, order)) {
    addFree(store, index, zone, order, type, "tail");
    (listCount[list] as number)--;
    return;
  }
  const old = listHead[list] as number;
  linkA[index] = old;
  linkB[index] = NIL;
  listHead[list] = index;
  if (old >= 0) linkB[old] = index;
  else if (old === NIL) listTail[list] = index;
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

/** buddy_merge_likely: the buddy of the next order is free, so a merge waits for one more chunk. */
function isHigherBuddyFree(state: Uint8Array, index: number, order: number): boolean {
  const higher = (index & ~(1 << order)) ^ (2 << order);
  const code = (state[higher] as number) - FREE_HEAD - (order + 1) * MIGRATE_CLASSES;
  return code >= 0 && code < MIGRATE_CLASSES;
}

/** First page of the free chunk that a page lies in, or NIL if the page is not free. */
export function freeChunkAround(store: PageStore, index: number): number {
  for (let order = 0; order <= store.maxOrder; order++) {
    const start = index & ~((1 << order) - 1);
    const code = store.state[start] as number;
    if (code >= FREE_HEAD) return (headOrder[code] as number) >= order && start + (1 << (headOrder[code] as number)) > index ? start : NIL;
    if (code !== FREE_INSIDE) return NIL;
  }
  return NIL;
}

/** Free chunks of one order in a zone, isolated ones included: a column of /proc/buddyinfo. */
export function freeChunks(store: PageStore, zone: number, order: number): number {
  let count = 0;
  const first = listOf(store, zone, order, 0);
  for (let type = 0; type < MIGRATE_CLASSES; type++) count += store.listCount[first + type] as number;
  return count;
}

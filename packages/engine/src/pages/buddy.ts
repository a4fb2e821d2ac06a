import { NIL, rowOfChunk } from "./block-rows.ts";
import { addFree, listOf, removeFree } from "./free-lists.ts";
import { materialise } from "./materialise.ts";
import { MIGRATE_CLASSES, MigrateClass } from "./migrate-class.ts";
import { FREE_HEAD, FREE_INSIDE, headOrder } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";

/** First page of the chunk that leads a list; an untouched block gets its pages now. NIL where the list is empty. */
export function leadingChunk(store: PageStore, list: number): number {
  const head = store.listHead[list] as number;
  if (head >= NIL) return head;
  materialise(store, rowOfChunk(head));
  return store.listHead[list] as number;
}

/**
 * __rmqueue_smallest: takes the leading chunk of the smallest sufficient order, and splits it.
 * @returns the page index, or NIL. The pages' state is the caller's to write.
 */
export function takeSmallest(store: PageStore, zone: number, order: number, type: number): number {
  const { maxOrder, listHead } = store;
  let list = zone * store.listsPerZone + order * MIGRATE_CLASSES + type;
  for (let current = order; current <= maxOrder; current++, list += MIGRATE_CLASSES) {
    if (listHead[list] === NIL) continue;
    const index = leadingChunk(store, list);
    removeFree(store, index, zone);
    if (type !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) - (1 << order);
    for (let half = current - 1; half >= order; half--) addFree(store, index + (1 << half), zone, half, type, "head");
    return index;
  }
  return NIL;
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
  const { state, maxOrder, pageblockOrder } = store;
  const pageblock = start >> pageblockOrder;
  const zone = store.pageblockZone[pageblock] as number;
  const type = store.pageblockType[pageblock] as number;
  let index = start;
  let order = startOrder;
  if (type !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) + (1 << order);
  while (order < maxOrder) {
    const buddy = index ^ (1 << order);
    const code = state[buddy] as number;
    if (code < FREE_HEAD || headOrder[code] !== order) break;
    if (order >= pageblockOrder && !mayMergeAcross(store, buddy, zone, type)) break;
    removeFree(store, buddy, zone);
    state[buddy] = FREE_INSIDE;
    state[index] = FREE_INSIDE;
    index &= buddy;
    order++;
  }
  addFree(store, index, zone, order, type, isMergeNear(store, index, order) ? "tail" : "head");
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
function isMergeNear(store: PageStore, index: number, order: number): boolean {
  if (order >= store.maxOrder - 1) return false;
  const higher = (index & ~(1 << order)) ^ (1 << (order + 1));
  const code = store.state[higher] as number;
  return code >= FREE_HEAD && headOrder[code] === order + 1;
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

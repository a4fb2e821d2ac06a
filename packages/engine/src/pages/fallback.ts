import { NIL } from "./block-rows.ts";
import { leadingChunk, takeFromChunk, takeSmallest } from "./buddy.ts";
import { listOf } from "./free-lists.ts";
import { MigrateClass } from "./migrate-class.ts";
import type { PageStore } from "./page-store.ts";
import { moveFreePages, pageblockUse, setChunkPageblocks, setPageblockType } from "./pageblock.ts";

/**
 * fallbacks[]: whose pages an allocation may take when its own lists are empty, in order. The same in both
 * generations, but that 4.1 ends with MIGRATE_RESERVE, which `takePages` does.
 */
const fallbacks: Readonly<Record<number, readonly number[]>> = {
  [MigrateClass.unmovable]: [MigrateClass.reclaimable, MigrateClass.movable],
  [MigrateClass.movable]: [MigrateClass.reclaimable, MigrateClass.unmovable],
  [MigrateClass.reclaimable]: [MigrateClass.unmovable, MigrateClass.movable],
};

/** can_steal_fallback: whether the rest of the pageblock is worth having. */
function canSteal(store: PageStore, order: number, type: number): boolean {
  return order >= store.pageblockOrder >> 1 || type !== MigrateClass.movable;
}

function fallbackAt(store: PageStore, zone: number, order: number, type: number): number {
  for (const other of fallbacks[type] ?? []) {
    if (store.lists[listOf(store, zone, order, other)] !== NIL) return other;
  }
  return -1;
}

/**
 * __rmqueue_fallback: takes from the largest chunk of another migratetype, not to come back soon.
 * @param minOrder the smallest chunk that may be broken (pageblock order for ALLOC_NOFRAGMENT).
 */
function takeFallback(store: PageStore, zone: number, order: number, type: number, minOrder: number): number {
  for (let current = store.maxOrder; current >= Math.max(order, minOrder); current--) {
    const other = fallbackAt(store, zone, current, type);
    if (other < 0) continue;
    if (store.rules.steal === "move-then-claim") return steal41(store, zone, current, order, type, other);
    // 6.x: a movable request that cannot have the pageblock breaks the smallest chunk instead of the largest.
    if (current > order && !canSteal(store, current, type)) return takeSmallestFallback(store, zone, order, type);
    return steal6(store, zone, current, order, type, other);
  }
  return NIL;
}

function takeSmallestFallback(store: PageStore, zone: number, order: number, type: number): number {
  for (let current = order; current <= store.maxOrder; current++) {
    const other = fallbackAt(store, zone, current, type);
    if (other >= 0) return steal6(store, zone, current, order, type, other);
  }
  return NIL;
}

/** 4.1: moves what is free in the pageblock, claims it if that was half; the chunk's rest stays with the taker in any case. */
function steal41(store: PageStore, zone: number, current: number, order: number, type: number, other: number): number {
  const index = leadingChunk(store, listOf(store, zone, current, other));
  if (current >= store.pageblockOrder) {
    setChunkPageblocks(store, index, current, type);
  } else if (canSteal(store, current, type)) {
    const pageblock = index >> store.pageblockOrder;
    const moved = moveFreePages(store, pageblock, type);
    if (moved >= 1 << (store.pageblockOrder - 1)) setPageblockType(store, pageblock, type);
  }
  takeFromChunk(store, index, zone, order, type);
  return index;
}

/** 6.x: claims the pageblock if half of it is free or of the like, else takes the one chunk and leaves its rest where it was. */
function steal6(store: PageStore, zone: number, current: number, order: number, type: number, other: number): number {
  const index = leadingChunk(store, listOf(store, zone, current, other));
  if (current >= store.pageblockOrder) {
    setChunkPageblocks(store, index, current, type);
    takeFromChunk(store, index, zone, order, type);
    return index;
  }
  const pageblock = index >> store.pageblockOrder;
  const blockType = store.pageblockType[pageblock] as number;
  if (canSteal(store, current, type)) {
    const { free, movable } = pageblockUse(store, pageblock);
    const nonMovable = blockType === MigrateClass.movable ? (1 << store.pageblockOrder) - free - movable : 0;
    const alike = type === MigrateClass.movable ? movable : nonMovable;
    if (free + alike >= 1 << (store.pageblockOrder - 1)) {
      moveFreePages(store, pageblock, type);
      setPageblockType(store, pageblock, type);
      return takeSmallest(store, zone, order, type);
    }
  }
  takeFromChunk(store, index, zone, order, blockType);
  return index;
}

/** __rmqueue: own lists, then others', and in 4.1 at last the reserve. @returns a page index, or NIL. */
export function takePages(store: PageStore, zone: number, order: number, type: number, minOrder: number): number {
  const own = takeSmallest(store, zone, order, type);
  if (own >= 0) return own;
  const stolen = takeFallback(store, zone, order, type, minOrder);
  if (stolen !== NIL || !store.rules.reserve) return stolen;
  return takeSmallest(store, zone, order, MigrateClass.reserve);
}

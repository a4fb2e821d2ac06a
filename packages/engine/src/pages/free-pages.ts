import { freeChunk } from "./buddy.ts";
import { countKind, countOwner, freeUsed } from "./used-pages.ts";
import { FREE_INSIDE, KIND_MASK, ORDER_SHIFT, OWNER_MASK, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";

/**
 * Frees pages alike that stand one after another, `count` of their order, upwards: as many calls of `freeUsed`. A page that is
 * freed waits at the head or the tail of a list for those above it, and leaves it as it was when they come, so an aligned
 * run ends as if it were freed at once. Runs do not cross pageblocks here, since their types may not merge.
 */
export function freePagesAlike(store: PageStore, index: number, count: number): void {
  const word = store.linkA[index] as number;
  const order = word >> ORDER_SHIFT;
  const code = store.state[index] as number;
  if (order > 0 || (code & POISONED) !== 0) {
    for (let i = 0; i < count; i++) freeUsed(store, index + (i << order));
    return;
  }
  const { pageblockOrder, pageblockZone } = store;
  const end = index + count;
  countOwner(store, word & OWNER_MASK, -count);
  for (let at = index; at < end;) {
    const pageblock = at >> pageblockOrder;
    const stop = Math.min(end, (pageblock + 1) << pageblockOrder);
    countKind(store, pageblockZone[pageblock] as number, code & KIND_MASK, at - stop);
    if (stop - at === 1) store.state[at] = FREE_INSIDE;
    else store.state.fill(FREE_INSIDE, at, stop);
    freeAligned(store, at, stop);
    at = stop;
  }
}

/** Frees a run within a pageblock in the largest aligned parts, upwards. Its pages read `FREE_INSIDE`. */
export function freeAligned(store: PageStore, index: number, end: number): void {
  const { pageblockOrder } = store;
  for (let at = index; at < end;) {
    let order = 0;
    while (order < pageblockOrder && (at & (1 << order)) === 0 && at + (2 << order) <= end) order++;
    freeChunk(store, at, order);
    at += 1 << order;
  }
}

/** Pages of one order, kind and owner from `index` on that stand one after another, all or none of them with references. */
export function countAlike(store: PageStore, index: number, end: number): number {
  const { state, linkA, linkB } = store;
  const code = state[index] as number;
  const word = linkA[index] as number;
  const pinned = linkB[index] as number;
  const step = 1 << (word >> ORDER_SHIFT);
  let at = index + step;
  while (at < end && state[at] === code && linkA[at] === word && linkB[at] === pinned) at += step;
  return (at - index) / step;
}

import { freeChunkAround } from "./buddy.ts";
import { addFree, removeFree } from "./free-lists.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { MigrateClass } from "./migrate-class.ts";
import { headOrder, headType } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { markUsed } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";

/** The pages of a range as an index; an untouched block gets its pages. -1 where the block is not online. */
export function touch(store: PageStore, pfn: number): number {
  const row = store.rows.find(Math.floor(pfn / store.blockPages));
  return row < 0 ? -1 : expandToFrames(store, row) + (pfn % store.blockPages);
}

/** True where every page of the range is online and free. */
export function isRangeFree(store: PageStore, pfn: number, pages: number): boolean {
  for (let at = pfn; at < pfn + pages;) {
    const block = Math.floor(at / store.blockPages);
    const row = store.rows.find(block);
    if (row < 0) return false;
    const slot = store.rows.slot[row] as number;
    if (slot < 0) {
      if (isWholeUsed(store, row)) return false;
      const { held, before, behind } = store.rows;
      const begin = ((before[row] as number) + (held[row] as number)) << store.maxOrder;
      const end = (block + 1) * store.blockPages - ((behind[row] as number) << store.maxOrder);
      if (at % store.blockPages < begin || Math.min(pfn + pages, (block + 1) * store.blockPages) > end) return false;
      at = (block + 1) * store.blockPages;
      continue;
    }
    const index = slot * store.blockPages + (at % store.blockPages);
    const chunk = freeChunkAround(store, index);
    if (chunk < 0) return false;
    at += chunk + (1 << (headOrder[store.state[chunk] as number] as number)) - index;
  }
  return true;
}

/** break_down_buddy_pages: takes 2^order aligned pages out of the free chunk around them; its other parts stay free. */
export function splitFreeChunk(store: PageStore, index: number, order: number): void {
  const chunk = freeChunkAround(store, index);
  const code = store.state[chunk] as number;
  const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
  const type = headType[code] as number;
  removeFree(store, chunk, zone);
  store.state[chunk] = 0;
  if (type !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) - (1 << order);
  let start = chunk;
  for (let half = (headOrder[code] as number) - 1; half >= order; half--) {
    const middle = start + (1 << half);
    const isUpper = index >= middle;
    addFree(store, isUpper ? start : middle, zone, half, type, "head");
    if (isUpper) start = middle;
  }
}

/**
 * Takes certain frames, all of which must be free, out of the lists, each as a page of its own: boot's
 * reservations, kernel pages whose place a trace tells, contiguous ranges.
 * @returns false, with nothing changed, where a page is not free.
 * @param kind a `PageKind`
 * @param owner number of the owner in the store
 */
export function takeRange(store: PageStore, pfn: number, pages: number, kind: number, owner: number): boolean {
  if (!isRangeFree(store, pfn, pages)) return false;
  for (let at = pfn; at < pfn + pages;) {
    const index = touch(store, at);
    const order = largestOrder(store, index, pfn + pages - at);
    const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
    splitFreeChunk(store, index, order);
    for (let i = index; i < index + (1 << order); i++) markUsed(store, i, zone, 0, kind, owner);
    at += 1 << order;
  }
  return true;
}

function largestOrder(store: PageStore, index: number, pages: number): number {
  const chunk = freeChunkAround(store, index);
  let order = headOrder[store.state[chunk] as number] as number;
  while (1 << order > pages || (index & ((1 << order) - 1)) !== 0) order--;
  return order;
}

import { expandToFrames } from "./expand-to-frames.ts";
import type { PageStore } from "./page-store.ts";
import { isUntouched } from "./row-form.ts";

/** Frame number of a page index. */
export function pfnOf(store: PageStore, index: number): number {
  const row = store.slotRow[index >> store.blockShift] as number;
  return (store.rows.block[row] as number) * store.blockPages + (index & (store.blockPages - 1));
}

/** Index of a frame, or -1 where its block is not online or nobody has touched it. */
export function indexOf(store: PageStore, pfn: number): number {
  const row = store.rows.find(Math.floor(pfn / store.blockPages));
  if (row < 0) return -1;
  return isUntouched(store, row) ? -1 : expandToFrames(store, row) + (pfn % store.blockPages);
}

/** Zone slot of a page. */
export function zoneOfIndex(store: PageStore, index: number): number {
  return store.pageblockZone[index >> store.pageblockOrder] as number;
}

/** Pageblock number of a frame, as refusals print it. */
export function pageblockOfPfn(store: PageStore, pfn: number): number {
  return Math.floor(pfn / 2 ** store.pageblockOrder);
}

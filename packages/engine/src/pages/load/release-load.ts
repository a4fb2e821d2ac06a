import { expandToFrames } from "../expand-to-frames.ts";
import { freePagesAlike } from "../free-pages.ts";
import { putHugepage } from "../hugepages.ts";
import { isHugetlb } from "../page-kind.ts";
import { KIND_MASK } from "../page-state.ts";
import type { PageStore } from "../page-store.ts";
import { freeUsed, giveToKernel, keepUnmapped, orderOfUsed } from "../used-pages.ts";
import { freeWhole } from "../whole-block.ts";
import { type Load, loadOwner } from "./load.ts";
import { eachPageOf } from "./owned-pages.ts";
import { slabOfLoad } from "./slab-of-load.ts";
import { unpinLoad } from "./unpin-load.ts";

/**
 * Frees everything that the load of a name holds in this store.
 * @param isSlabShared others have put objects into the slab that it brought along, which stays.
 * @returns base pages freed.
 */
export function endLoad(store: PageStore, id: string, isSlabShared = true): number {
  const slab = store.owners.indexOf(slabOfLoad(id));
  if (slab >= 0) {
    const page = (index: number): void => (isSlabShared ? giveToKernel(store, index) : freeUsed(store, index));
    eachPageOf(store, slab, { page });
    store.owners[slab] = undefined;
  }
  const owner = store.owners.indexOf(loadOwner(id));
  if (owner < 0) return 0;
  const pages = store.ownerPages[owner] as number;
  releaseLoad(store, { id, kind: "anon", bytes: 0, policy: { mode: "bind", nodes: [] }, owner });
  return pages;
}

/**
 * Frees so many base pages of a load of single pages, the last first: those of the blocks that were touched last, from their end.
 * @returns base pages freed.
 */
export function shrinkLoad(store: PageStore, id: string, pages: number): number {
  const owner = store.owners.indexOf(loadOwner(id));
  if (owner < 0) return 0;
  const found: ({ readonly row: number } | { readonly index: number; readonly count: number })[] = [];
  eachPageOf(store, owner, {
    whole: (row) => void found.push({ row }),
    page: (index) => void found.push({ index, count: 1 }),
    alike: (index, count) => void found.push({ index, count }),
  });
  let left = pages;
  for (let part = found.pop(); part !== undefined && left > 0; part = found.pop()) {
    if ("row" in part && left >= store.blockPages) {
      freeWhole(store, part.row);
      left -= store.blockPages;
      continue;
    }
    if ("row" in part) expandToFrames(store, part.row);
    const index = "row" in part ? (store.rows.slot[part.row] as number) * store.blockPages : part.index;
    const all = "row" in part ? store.blockPages : part.count;
    const count = Math.min(left, all);
    freeAlike(store, index + all - count, count);
    left -= count;
  }
  if (store.ownerPages[owner] === 0) store.owners[owner] = undefined;
  return pages - left;
}

/** Single pages alike. One to which somebody else has a reference stays until that ends. */
function freeAlike(store: PageStore, index: number, count: number): void {
  if (store.linkB[index] === 0) {
    freePagesAlike(store, index, count);
    return;
  }
  for (let i = 0; i < count; i++) keepUnmapped(store, index + i);
}

export function giveBack(store: PageStore, index: number): void {
  if (isHugetlb[(store.state[index] as number) & KIND_MASK] === 1) putHugepage(store, index);
  else freeUsed(store, index);
}

/**
 * Frees everything a load holds; hugepages go back to their pools. Its owner id is free again. A page to which somebody else
 * has a reference stays until that ends, and its block with it (n_unmap_going_offline).
 * @throws Error, a bug of memhp, if the load still holds pages
 */
export function releaseLoad(store: PageStore, load: Load): void {
  if (load.kind === "pinned") unpinLoad(store, load);
  const page = (index: number): void => {
    const isHeld = (store.linkB[index] as number) > 0 && isHugetlb[(store.state[index] as number) & KIND_MASK] === 0;
    if (isHeld) keepUnmapped(store, index);
    else giveBack(store, index);
  };
  eachPageOf(store, load.owner, {
    whole: (row) => freeWhole(store, row),
    page,
    alike(index, count) {
      const isPlain = store.linkB[index] === 0 && isHugetlb[(store.state[index] as number) & KIND_MASK] === 0;
      if (isPlain) return freePagesAlike(store, index, count);
      const size = 2 ** orderOfUsed(store, index);
      for (let i = 0; i < count; i++) page(index + i * size);
    },
  });
  if (store.ownerPages[load.owner] !== 0) throw new Error(`memhp bug: ${load.id} still holds pages`);
  store.owners[load.owner] = undefined;
}

import { isReserved, PageKind } from "./page-kind.ts";
import { MigrateClass } from "./migrate-class.ts";
import { FREE_HEAD, KIND_MASK, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { moveFreePages, setPageblockType } from "./pageblock.ts";
import { splitFreeChunk } from "./split-free-chunk.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { freeUsed, markUsed, ownerOfUsed } from "./used-pages.ts";
import { ZONE_MOVABLE } from "@memhp/abi";

/**
 * What stood in the way of an offline. 6.x objects to nothing in ZONE_MOVABLE but reserved pages: memmap and node data,
 * where kernelcore= or movablecore= laid the zone over boot memory (6.1, 6.12: n_boot_movablecore).
 */
function unmovableKind(store: PageStore, isMovable: boolean, early: boolean): number {
  return isMovable && early && store.rules.unmovableScan === "every-pageblock"
    ? PageKind.boot_allocation
    : PageKind.kernel;
}

/**
 * Puts one kernel page into a block, where a recorded run tells that there was one. In a kernel zone its pageblock
 * becomes unmovable, as it would have when the kernel took it.
 * @param early the block is boot memory.
 * @returns false where every page of the block is in use by others, or isolated.
 */
export function addUnmovablePage(store: PageStore, block: number, owner: string, early = false): boolean {
  const row = store.rows.find(block);
  if (row < 0) return false;
  const first = expandToFrames(store, row);
  for (let index = first; index < first + store.blockPages; index++) {
    if ((store.state[index] as number) < FREE_HEAD) continue;
    const pageblock = index >> store.pageblockOrder;
    // The allocator hands out nothing of an isolated pageblock (facts §4.1 step 4): the kernel has no page of a block on its way out.
    if (store.pageblockType[pageblock] === MigrateClass.isolate) continue;
    const zone = store.pageblockZone[pageblock] as number;
    const isMovable = store.zoneIndexOf(zone) === ZONE_MOVABLE;
    splitFreeChunk(store, index, 0);
    markUsed(store, index, zone, 0, unmovableKind(store, isMovable, early), store.ownerOf(owner));
    if (isMovable) return true;
    moveFreePages(store, pageblock, MigrateClass.unmovable);
    setPageblockType(store, pageblock, MigrateClass.unmovable);
    return true;
  }
  return false;
}

const unmovableKinds: ReadonlySet<number> = new Set([PageKind.kernel, PageKind.boot_allocation]);

/** Frees what `addUnmovablePage` put into a block under a name; its pageblocks can move again. */
export function removeUnmovablePages(store: PageStore, block: number, owner: string): void {
  const row = store.rows.find(block);
  const slot = row < 0 ? -1 : (store.rows.slot[row] as number);
  const id = store.owners.indexOf(owner);
  if (slot < 0 || id < 0) return;
  const first = slot * store.blockPages;
  for (let index = first; index < first + store.blockPages; index++) {
    const code = store.state[index] as number;
    const isHeld = code < FREE_HEAD && unmovableKinds.has(code & KIND_MASK) && (code & TAIL) === 0;
    if (!isHeld || ownerOfUsed(store, index) !== id) continue;
    freeUsed(store, index);
    releasePageblock(store, index >> store.pageblockOrder);
  }
}

/** A pageblock without pages that boot reserved is MOVABLE again. */
function releasePageblock(store: PageStore, pageblock: number): void {
  if (store.pageblockType[pageblock] !== MigrateClass.unmovable) return;
  const first = pageblock << store.pageblockOrder;
  for (let index = first; index < first + (1 << store.pageblockOrder); index++) {
    const code = store.state[index] as number;
    if (code < FREE_HEAD && isReserved[code & KIND_MASK] === 1) return;
  }
  moveFreePages(store, pageblock, MigrateClass.movable);
  setPageblockType(store, pageblock, MigrateClass.movable);
}

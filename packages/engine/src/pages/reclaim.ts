import type { ZoneIndex } from "@memhp/abi";
import { expandToFrames } from "./expand-to-frames.ts";
import { MigrateClass } from "./migrate-class.ts";
import { KINDS, PageKind } from "./page-kind.ts";
import { FREE_HEAD, headOrder, KIND_MASK, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { freeUsed } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";
import { freeWhole, wholePages } from "./whole-block.ts";

/** SWAP_CLUSTER_MAX: direct reclaim takes so many pages at least. */
const CLUSTER = 32;

/**
 * Direct reclaim for an allocation that may take ZONE_MOVABLE or not: clean pages of files are free to go before it fails
 * (6.1: c_oom_offline fails only where the lists of file pages are empty). Lowest block and frame first. A pageblock that is
 * isolated gives nothing: what becomes free there, nobody can have.
 * @param floors free pages that must stay in each zone of the node, by zone index.
 * @returns base pages that are free now.
 */
export function reclaimFilePages(
  store: PageStore,
  node: number,
  highestZone: ZoneIndex,
  pages: number,
  floors: readonly number[],
): number {
  let reclaimed = 0;
  for (let zone = highestZone as number; zone >= 0 && reclaimed < pages; zone--) {
    const slot = store.zoneSlot(node, zone as ZoneIndex);
    const inUse = store.kindPages[slot * KINDS + PageKind.file] as number;
    if (inUse === 0) continue;
    // kswapd, which wakes meanwhile, goes on to the high watermark: half as much again as min (facts §9.3).
    const high = 1.5 * (floors[zone] ?? 0);
    const short = Math.max(0, high - (store.freePages[slot] as number));
    const wanted = Math.ceil((pages - reclaimed + short) / CLUSTER) * CLUSTER;
    reclaimed += reclaimZone(store, slot, wanted);
  }
  return reclaimed;
}

function reclaimZone(store: PageStore, zone: number, wanted: number): number {
  let freed = 0;
  for (const row of store.rows.ascending()) {
    if (isWholeUsed(store, row) && mayReclaimWhole(store, row, zone)) {
      if (wholePages(store, row) <= wanted - freed) {
        freed += wholePages(store, row);
        freeWhole(store, row);
        if (freed === wanted) return freed;
        continue;
      }
      expandToFrames(store, row);
    }
    const slot = store.rows.slot[row] as number;
    if (slot < 0) continue;
    const end = (slot + 1) * store.blockPages;
    for (let index = slot * store.blockPages; index < end;) {
      const code = store.state[index] as number;
      if (code >= FREE_HEAD) {
        index += 1 << (headOrder[code] as number);
        continue;
      }
      if ((code & KIND_MASK) === PageKind.file && isReclaimable(store, index, code, zone)) {
        freeUsed(store, index);
        if (++freed === wanted) return freed;
      }
      index++;
    }
  }
  return freed;
}

function mayReclaimWhole({ rows }: PageStore, row: number, zone: number): boolean {
  return rows.kind[row] === PageKind.file && rows.zone[row] === zone && rows.type[row] !== MigrateClass.isolate;
}

function isReclaimable(store: PageStore, index: number, code: number, zone: number): boolean {
  const pageblock = index >> store.pageblockOrder;
  return (
    (code & POISONED) === 0 &&
    store.linkB[index] === 0 &&
    store.pageblockZone[pageblock] === zone &&
    store.pageblockType[pageblock] !== MigrateClass.isolate
  );
}

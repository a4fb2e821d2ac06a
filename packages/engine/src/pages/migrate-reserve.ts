import { NO_SLOT } from "./block-rows.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { MIGRATE_CLASSES, MigrateClass } from "./migrate-class.ts";
import { isReserved } from "./page-kind.ts";
import { FREE_HEAD, KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { moveFreePages, setPageblockType } from "./pageblock.ts";

const MOST = 2;

/**
 * setup_zone_migrate_reserve of 4.1, which runs whenever watermarks are computed: the lowest MOVABLE pageblocks of a zone,
 * as many as its min watermark needs but at most two, become MIGRATE_RESERVE, and superfluous ones MOVABLE
 * again (facts §3.1). 6.x has no such reserve.
 * @param zone zone slot.
 */
export function setupMigrateReserve(store: PageStore, zone: number, minWatermarkPages: number): void {
  if (!store.rules.reserve) return;
  let wanted = Math.min(MOST, Math.ceil(minWatermarkPages / 2 ** store.pageblockOrder));
  let present = store.pageblocks[zone * MIGRATE_CLASSES + MigrateClass.reserve] as number;
  if (wanted === present) return;
  for (const row of store.rows.ascending()) {
    if (wanted === 0 && present === 0) return;
    const isWhole = store.rows.zone[row] === zone;
    // A block whose pages are all alike holds no reserve, so it matters only where one is looked for.
    if (store.rows.slot[row] === NO_SLOT && (!isWhole || wanted === 0)) continue;
    const first = expandToFrames(store, row) >> store.pageblockOrder;
    for (let pageblock = first; pageblock < first + (store.blockPages >> store.pageblockOrder); pageblock++) {
      if (store.pageblockZone[pageblock] !== zone) continue;
      const type = store.pageblockType[pageblock];
      if (type === MigrateClass.reserve) {
        present--;
        if (wanted > 0) wanted--;
        else retype(store, pageblock, MigrateClass.movable);
      } else if (wanted > 0 && type === MigrateClass.movable && !hasReserved(store, pageblock)) {
        retype(store, pageblock, MigrateClass.reserve);
        wanted--;
      }
    }
  }
}

function retype(store: PageStore, pageblock: number, type: number): void {
  setPageblockType(store, pageblock, type);
  moveFreePages(store, pageblock, type);
}

/** pageblock_is_reserved. */
function hasReserved(store: PageStore, pageblock: number): boolean {
  const first = pageblock << store.pageblockOrder;
  for (const code of store.state.subarray(first, first + (1 << store.pageblockOrder))) {
    if (code < FREE_HEAD && isReserved[code & KIND_MASK] === 1) return true;
  }
  return false;
}

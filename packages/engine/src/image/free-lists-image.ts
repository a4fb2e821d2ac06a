import { NIL, NO_SLOT, rowOfChunk } from "../pages/block-rows.ts";
import { addBlock, addFree, listOf, membersOf } from "../pages/free-lists.ts";
import { MIGRATE_CLASSES } from "../pages/migrate-class.ts";
import { pfnOf } from "../pages/page-index.ts";
import { PageKind } from "../pages/page-kind.ts";
import { FREE_HEAD } from "../pages/page-state.ts";
import type { PageStore } from "../pages/page-store.ts";
import { ImageError } from "./image-error.ts";
import { mappedIndex } from "./page-uses.ts";
import { type Progressions, ProgressionWriter, valuesOf } from "./progressions.ts";

/** One free list from its head to its tail. */
export interface FreeListImage {
  /** Zone index. */
  readonly zone: number;
  readonly order: number;
  /** `MigrateClass`. */
  readonly type: number;
  /** First frames of chunks; a block b that is free as a whole, which is all its largest chunks, as -1 - b. */
  readonly chunks: Progressions;
}

export function snapshotFreeLists(store: PageStore): FreeListImage[] {
  const images: FreeListImage[] = [];
  for (let zone = 0; zone < store.zoneSlots; zone++)
    for (let order = 0; order <= store.maxOrder; order++)
      for (let type = 0; type < MIGRATE_CLASSES; type++) {
        if (store.lists[listOf(store, zone, order, type)] !== NIL)
          images.push({ zone, order, type, chunks: chunksOf(store, zone, order, type) });
      }
  return images;
}

function chunksOf(store: PageStore, zone: number, order: number, type: number): Progressions {
  const writer = new ProgressionWriter();
  for (const id of membersOf(store, zone, order, type))
    writer.add(id >= 0 ? pfnOf(store, id) : -1 - (store.rows.block[rowOfChunk(id)] as number));
  return writer.finish();
}

/** Puts chunks onto empty lists. @throws ImageError where a chunk is not there, or not free. */
export function restoreFreeLists(store: PageStore, images: readonly FreeListImage[]): void {
  for (const { zone, order, type, chunks } of images) {
    const where = `free list ${zone}/${order}/${type}`;
    const isKnown = zone >= 0 && zone < store.zoneSlots && order >= 0 && order <= store.maxOrder;
    if (!isKnown || !(type >= 0 && type < MIGRATE_CLASSES)) throw new ImageError(where, "there is no such list");
    for (const chunk of valuesOf(chunks)) {
      if (chunk < 0) addWhole(store, -1 - chunk, zone, order, type, where);
      else addChunk(store, chunk, zone, order, type, where);
    }
  }
}

function addWhole(store: PageStore, block: number, zone: number, order: number, type: number, where: string): void {
  const { rows } = store;
  const row = rows.find(block);
  const fits =
    row >= 0 &&
    rows.slot[row] === NO_SLOT &&
    rows.kind[row] === PageKind.free &&
    rows.zone[row] === zone &&
    rows.type[row] === type &&
    order === store.maxOrder;
  if (!fits) throw new ImageError(where, `block ${block} does not belong on it`);
  const isHighFirst = rows.highFirst[row] as number;
  addBlock(store, row, "tail");
  rows.highFirst[row] = isHighFirst;
}

function addChunk(store: PageStore, pfn: number, zone: number, order: number, type: number, where: string): void {
  const index = mappedIndex(store, pfn, where);
  const pages = 1 << order;
  const isFree =
    pfn % pages === 0 && store.pageblockZone[index >> store.pageblockOrder] === zone && isUnused(store, index, pages);
  if (!isFree) throw new ImageError(where, `frame ${pfn} does not begin a free chunk of order ${order} of its zone`);
  addFree(store, index, zone, order, type, "tail");
}

/** No frame is in use, and none but the first could be on a list already. */
function isUnused(store: PageStore, index: number, pages: number): boolean {
  for (let at = index; at < index + pages; at++) if (store.state[at] !== 0) return false;
  return (store.state[index] as number) < FREE_HEAD;
}

import { ZONE_NORMAL } from "@memhp/abi";
import { allocateFrom } from "./allocate.ts";
import { NIL, rowOfChunk } from "./block-rows.ts";
import { touch } from "./split-free-chunk.ts";
import { addBlock, freeChunksOfBlock, listOf, removeBlock } from "./free-lists.ts";
import { MigrateClass } from "./migrate-class.ts";
import { pfnOf } from "./page-index.ts";
import { PageKind } from "./page-kind.ts";
import type { PageStore } from "./page-store.ts";
import { countPageblocks, moveFreePages, setPageblockType } from "./pageblock.ts";
import { countKind, countOwner, freeUsed } from "./used-pages.ts";
import { isShared, isUntouched } from "./row-form.ts";
import { zonelist } from "./zonelist.ts";

/**
 * struct pages of memory that is hot-added: 64 bytes a page, from the node's kernel zones at the time of the add (facts §5.1
 * step 4; observed-6 §4). They gather where boot has put kernel pages; whole chunks of blocks that nobody has touched
 * stay counts in the block's row. Which added block a chunk describes shows nowhere, so chunks are all alike.
 */
export function takeMemmap(store: PageStore, node: number, pages: number): boolean {
  const before = store.memmapChunks.length;
  const order = memmapOrder(store);
  const wanted = Math.ceil((store.memmapPages + pages) / 2 ** order);
  /** Rows that have no room now get none while memmap is taken; they count largest chunks. */
  let hasRow = order === store.maxOrder;
  while (store.memmapChunks.length < wanted) {
    const ofRow: number | undefined = hasRow ? takeFromRow(store) : undefined;
    hasRow = ofRow !== undefined;
    const pfn = ofRow ?? takeFromLists(store, node, order);
    if (pfn === undefined) {
      while (store.memmapChunks.length > before) giveChunkBack(store);
      return false;
    }
    store.memmapChunks.push(pfn);
  }
  store.memmapPages += pages;
  return true;
}

/** A block that has few largest chunks (ia64: one of 1 GiB) has the memmap of another in a small part of one. */
function memmapOrder({ blockPages, maxOrder }: PageStore): number {
  return blockPages >> maxOrder < FEW_CHUNKS ? Math.log2(blockPages) - SMALL_PART : maxOrder;
}
const FEW_CHUNKS = 16;
/** log2 of the parts of such a block: struct pages of 64 bytes take a 64th of memory with 4K pages, less with larger ones. */
const SMALL_PART = 8;

/**
 * The memory is gone, and its memmap is free.
 * @throws RangeError for more pages than were taken
 */
export function giveMemmapBack(store: PageStore, pages: number): void {
  if (pages > store.memmapPages)
    throw new RangeError(`memmap: expected at most the ${store.memmapPages} pages that were taken, found ${pages}`);
  store.memmapPages -= pages;
  const wanted = Math.ceil(store.memmapPages / 2 ** memmapOrder(store));
  while (store.memmapChunks.length > wanted) giveChunkBack(store);
}

/** The next largest chunk of an untouched block in which the kernel has pages already. */
function takeFromRow(store: PageStore): number | undefined {
  const last = store.memmapChunks.at(-1);
  const row = last === undefined ? -1 : store.rows.find(Math.floor(last / store.blockPages));
  if (row >= 0 && hasRoom(store, row)) return takeOfRow(store, row);
  for (const next of store.rows.ascending()) if (hasRoom(store, next)) return takeOfRow(store, next);
  return undefined;
}

function hasRoom(store: PageStore, row: number): boolean {
  return (
    isUntouched(store, row) && !isShared(store, row) && store.rows.held[row] !== 0 && freeChunksOfBlock(store, row) > 0
  );
}

function takeOfRow(store: PageStore, row: number): number {
  const held = store.rows.held[row] as number;
  changeHeld(store, row, 1);
  return (store.rows.block[row] as number) * store.blockPages + (held << store.maxOrder);
}

function takeFromLists(store: PageStore, node: number, order: number): number | undefined {
  const zones = zonelist(store, [node], ZONE_NORMAL);
  const ofBlock = order === store.maxOrder ? takeOfLeadingBlock(store, zones[0]) : undefined;
  if (ofBlock !== undefined) return ofBlock;
  const index = allocateFrom(store, zones, order, MigrateClass.unmovable, PageKind.memmap, 0);
  return index === NIL ? undefined : pfnOf(store, index);
}

/**
 * What `allocateFrom` takes where a block that is free as a whole leads the lists, and its lowest chunk them all: the pageblocks
 * of the largest chunk of another migratetype become unmovable. The block stays a row.
 */
function takeOfLeadingBlock(store: PageStore, zone: number | undefined): number | undefined {
  if (zone === undefined || (store.freePages[zone] as number) < 2 ** store.maxOrder) return undefined;
  const leader = (type: number): number => store.lists[listOf(store, zone, store.maxOrder, type)] as number;
  if (leader(MigrateClass.unmovable) !== NIL || leader(MigrateClass.reclaimable) !== NIL) return undefined;
  const head = leader(MigrateClass.movable);
  if (head >= NIL || store.rows.highFirst[rowOfChunk(head)] === 1 || isShared(store, rowOfChunk(head)))
    return undefined;
  store.takeTurn(rowOfChunk(head));
  return takeOfRow(store, rowOfChunk(head));
}

function giveChunkBack(store: PageStore): void {
  const pfn = store.memmapChunks.pop() as number;
  const row = store.rows.find(Math.floor(pfn / store.blockPages));
  if (isUntouched(store, row)) return changeHeld(store, row, -1);
  const index = touch(store, pfn);
  freeUsed(store, index);
  if (memmapOrder(store) < store.maxOrder) return;
  const first = index >> store.pageblockOrder;
  for (let pageblock = first; pageblock < first + (1 << (store.maxOrder - store.pageblockOrder)); pageblock++) {
    moveFreePages(store, pageblock, MigrateClass.movable);
    setPageblockType(store, pageblock, MigrateClass.movable);
  }
}

/** One memmap chunk more or less at the end of what the kernel holds of an untouched block. */
function changeHeld(store: PageStore, row: number, change: 1 | -1): void {
  const { rows } = store;
  const zone = rows.zone[row] as number;
  const pages = change << store.maxOrder;
  if (freeChunksOfBlock(store, row) === 0) addBlock(store, row, store.rules.placeMoved);
  rows.held[row] = (rows.held[row] as number) + change;
  rows.memmap[row] = (rows.memmap[row] as number) + change;
  const list = listOf(store, zone, store.maxOrder, rows.type[row] as number);
  store.lists[list + 2] = (store.lists[list + 2] as number) - change;
  if (freeChunksOfBlock(store, row) === 0) removeBlock(store, row);
  store.freePages[zone] = (store.freePages[zone] as number) - pages;
  const pageblocks = pages >> store.pageblockOrder;
  countPageblocks(store, zone, rows.type[row] as number, -pageblocks);
  countPageblocks(store, zone, MigrateClass.unmovable, pageblocks);
  countKind(store, zone, PageKind.memmap, pages);
  countOwner(store, 0, pages);
}

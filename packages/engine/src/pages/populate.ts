import { type ZoneIndex } from "@memhp/abi";
import { SEVERAL_ZONES } from "./block-rows.ts";
import { splitFreeChunk, takeRange, touch } from "./split-free-chunk.ts";
import { addBlock, addFree, freeChunksOfBlock, removeBlock, removeFree } from "./free-lists.ts";
import { expandToFrames, fillPageblocks } from "./expand-to-frames.ts";
import { MigrateClass } from "./migrate-class.ts";
import { KIND_MASK, FREE_HEAD, FREE_INSIDE, headOrder, headType, POISONED } from "./page-state.ts";
import { KINDS, PageKind } from "./page-kind.ts";
import type { PageStore } from "./page-store.ts";
import { countPageblocks, moveFreePages, placeUnisolated, setPageblockType } from "./pageblock.ts";
import { countKind, countOwner, markUsed, orderOfUsed, ownerOfUsed } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";

/** Frames of a block that one zone holds. `ram` is false for a hole. */
export interface PagePart {
  readonly startPfn: number;
  readonly endPfn: number;
  readonly node: number;
  readonly zone: ZoneIndex;
  readonly ram: boolean;
  /** RAM, but of another node. */
  readonly isForeign?: true;
}

type Place = "head" | "tail";

/** Largest chunks of a block that the kernel holds when it has booted. */
export interface HeldChunks {
  /** PageReserved: image, memmap, early allocations. */
  readonly reserved: number;
  /** Allocated by the running kernel: slab, page tables, stacks. */
  readonly kernel: number;
}

/** A block that goes online. */
export interface Populate {
  readonly block: number;
  readonly node: number;
  readonly zone: ZoneIndex;
  /** Only for blocks with holes or of several zones: ascending, and covering the block. */
  readonly parts?: readonly PagePart[];
  /** Pages at the block's start that hold its own memmap (memmap_on_memory). */
  readonly selfHostedPages?: number;
  /** Boot memory only: what the kernel holds at the block's start, in largest chunks. Of a block with parts see `reserveRange`. */
  readonly held?: HeldChunks;
  /** After boot the block's pages are isolated first (online_pages). */
  readonly afterBoot?: true;
}

/**
 * Hands a block's pages to the free lists: pageblocks MOVABLE (facts §3.1, §3.2 steps 5–11). A whole block in
 * one zone stays a row. Frames with a hardware error keep out of the lists in 4.1; 6.1 has
 * forgotten them by then, and 6.12 refuses before (observed-6 §9, §13).
 * @throws RangeError for a block whose pages are online
 */
export function populateBlock(store: PageStore, populate: Populate): void {
  const { block, node, zone, parts, selfHostedPages = 0, held, afterBoot } = populate;
  const place = afterBoot === true ? placeUnisolated(store) : store.rules.placeMoved;
  if (store.rows.find(block) >= 0) throw new RangeError(`block ${block}: its pages are online already`);
  const row = store.rows.add(block, store.zoneSlot(node, zone), MigrateClass.movable);
  const own = parts === undefined ? undefined : ownPart(store, parts);
  if (parts === undefined || own !== undefined) {
    if (own !== undefined) shareRow(store, row, own);
    if (held !== undefined) holdChunks(store, row, held);
    addWholeBlock(store, row, place);
  } else {
    addParts(store, row, parts, place);
  }
  for (let at = 0; at < selfHostedPages; at++) {
    const index = expandToFrames(store, row) + at;
    splitFreeChunk(store, index, 0);
    markUsed(store, index, store.pageblockZone[index >> store.pageblockOrder] as number, 0, PageKind.self_hosted, 0);
  }
  restorePoison(store, row);
}

/** Blocks of a section (32 largest chunks on x86_64) are told by frames: what boot holds of a part of one is less than a chunk's error. */
const FEW_CHUNKS = 32;

/**
 * The one part of a large block that is RAM of this node, where the rest is other nodes' in the same zone, and they meet at largest chunks. Such
 * a block is a row (`isShared`), as long as nobody uses it; any other block with parts has columns.
 */
export function ownPart(store: PageStore, parts: readonly PagePart[]): PagePart | undefined {
  const [own, second] = parts.filter(({ ram }) => ram);
  if (own === undefined || second !== undefined || store.blockPages >> store.maxOrder <= FEW_CHUNKS) return undefined;
  if (parts.some(({ zone }) => zone !== own.zone)) return undefined;
  const chunk = 1 << store.maxOrder;
  const isAligned = own.startPfn % chunk === 0 && own.endPfn % chunk === 0;
  return isAligned && parts.every(({ ram, isForeign }) => ram || isForeign === true) ? own : undefined;
}

function shareRow(store: PageStore, row: number, { startPfn, endPfn, node, zone }: PagePart): void {
  const { rows } = store;
  const begin = (rows.block[row] as number) * store.blockPages;
  rows.zone[row] = store.zoneSlot(node, zone);
  rows.before[row] = (startPfn - begin) >> store.maxOrder;
  rows.behind[row] = (begin + store.blockPages - endPfn) >> store.maxOrder;
}

/** What boot holds of a row: never more than there is. */
function holdChunks(store: PageStore, row: number, { reserved, kernel }: HeldChunks): void {
  const most = freeChunksOfBlock(store, row);
  store.rows.held[row] = Math.min(most, reserved + kernel);
  store.rows.kernel[row] = Math.min(kernel, Math.max(0, most - reserved));
}

function addWholeBlock(store: PageStore, row: number, place: Place): void {
  const zone = store.rows.zone[row] as number;
  const foreign = ((store.rows.before[row] as number) + (store.rows.behind[row] as number)) << store.maxOrder;
  if (foreign > 0) {
    countKind(store, zone, PageKind.hole, foreign);
    countOwner(store, 0, foreign);
  }
  if (freeChunksOfBlock(store, row) > 0) addBlock(store, row, place);
  store.presentPages[zone] = (store.presentPages[zone] as number) + store.blockPages - foreign;
  const held = (store.rows.held[row] as number) << store.maxOrder;
  store.freePages[zone] = (store.freePages[zone] as number) + store.blockPages - foreign - held;
  countPageblocks(store, zone, MigrateClass.movable, (store.blockPages - held) >> store.pageblockOrder);
  if (held === 0) return;
  countPageblocks(store, zone, MigrateClass.unmovable, held >> store.pageblockOrder);
  const kernel = (store.rows.kernel[row] as number) << store.maxOrder;
  countKind(store, zone, PageKind.reserved, held - kernel);
  countKind(store, zone, PageKind.kernel, kernel);
  countOwner(store, 0, held);
}

/** Reserves the first largest chunk, or what there is of it, of the block's last RAM of some size. */
export function holdPart(store: PageStore, parts: readonly PagePart[]): void {
  const pages = 1 << store.maxOrder;
  const part = parts.findLast((each) => each.ram && each.endPfn - each.startPfn >= pages);
  if (part === undefined) return;
  const startPfn = Math.ceil(part.startPfn / pages) * pages;
  reserveRange(store, startPfn, Math.min(pages, part.endPfn - startPfn));
}

/** Boot's reservations: free frames become PageReserved, or pages of the running kernel; their pageblocks unmovable. */
export function reserveRange(
  store: PageStore,
  startPfn: number,
  pages: number,
  kind: number = PageKind.reserved,
): void {
  if (!takeRange(store, startPfn, pages, kind, 0)) throw new Error("memhp bug: boot reserves frames that are not free");
  const first = touch(store, startPfn) >> store.pageblockOrder;
  const last = touch(store, startPfn + pages - 1) >> store.pageblockOrder;
  for (let pageblock = first; pageblock <= last; pageblock++) {
    moveFreePages(store, pageblock, MigrateClass.unmovable);
    setPageblockType(store, pageblock, MigrateClass.unmovable);
  }
}

/** A pageblock belongs to the zone of its first RAM: zones meet at pageblocks, but for RAM that ends inside one. */
function addParts(store: PageStore, row: number, parts: readonly PagePart[], place: Place): void {
  const first = store.takeSlot(row) * store.blockPages;
  const startPfn = (store.rows.block[row] as number) * store.blockPages;
  fillPageblocks(store, row, first);
  const ram = parts.filter((part) => part.ram);
  for (const part of [...parts.filter((part) => !part.ram), ...ram.toReversed()]) {
    const from = (first + part.startPfn - startPfn) >> store.pageblockOrder;
    const to = (first + part.endPfn - 1 - startPfn) >> store.pageblockOrder;
    store.pageblockZone.fill(store.zoneSlot(part.node, part.zone), from, to + 1);
  }
  const zones = new Set<number>();
  for (let pb = first >> store.pageblockOrder; pb < (first + store.blockPages) >> store.pageblockOrder; pb++) {
    const zone = store.pageblockZone[pb] as number;
    zones.add(zone);
    countPageblocks(store, zone, MigrateClass.movable, 1);
  }
  store.rows.zone[row] = zones.size === 1 ? ([...zones][0] as number) : SEVERAL_ZONES;
  const holes = new Set(parts.filter((part) => !part.ram));
  for (const part of parts) {
    const begin = first + part.startPfn - startPfn;
    const end = first + part.endPfn - startPfn;
    if (holes.has(part)) fillHole(store, begin, end);
    else freePart(store, begin, end, place);
  }
}

function fillHole(store: PageStore, begin: number, end: number): void {
  for (let index = begin; index < end; index++)
    markUsed(store, index, store.pageblockZone[index >> store.pageblockOrder] as number, 0, PageKind.hole, 0);
}

/** __free_pages_core: hands RAM to the lists in the largest aligned chunks, lowest first. */
function freePart(store: PageStore, begin: number, end: number, place: Place): void {
  for (let index = begin; index < end;) {
    let order = store.maxOrder;
    while ((index & ((1 << order) - 1)) !== 0 || index + (1 << order) > end) order--;
    const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
    store.state.fill(FREE_INSIDE, index, index + (1 << order));
    store.presentPages[zone] = (store.presentPages[zone] as number) + (1 << order);
    store.freePages[zone] = (store.freePages[zone] as number) + (1 << order);
    addFree(store, index, zone, order, MigrateClass.movable, place);
    index += 1 << order;
  }
}

function restorePoison(store: PageStore, row: number): void {
  if (store.poisonedPfns.size === 0) return;
  const block = store.rows.block[row] as number;
  for (const pfn of poisonedIn(store, block)) {
    if (!store.rules.poisonOutlivesOffline) {
      store.poisonedPfns.delete(pfn);
      continue;
    }
    const index = expandToFrames(store, row) + (pfn % store.blockPages);
    splitFreeChunk(store, index, 0);
    markUsed(store, index, store.pageblockZone[index >> store.pageblockOrder] as number, 0, PageKind.hwpoison, 0);
    store.state[index] = PageKind.hwpoison | POISONED;
  }
}

/** Poisoned frames of a block, ascending, online or not. */
export function poisonedIn(store: PageStore, block: number): number[] {
  return [...store.poisonedPfns].filter((pfn) => Math.floor(pfn / store.blockPages) === block).sort((a, b) => a - b);
}

/** Removing a block forgets its poisoned frames and lowers HardwareCorrupted (4.1 clear_hwpoisoned_pages; 6.12: observed-6 §13; not 6.1). */
export function forgetPoison(store: PageStore, block: number): number {
  const pfns = poisonedIn(store, block);
  for (const pfn of pfns) store.poisonedPfns.delete(pfn);
  if (store.rules.removalLowersCorrupted) store.corruptedPages -= pfns.length;
  return pfns.length;
}

/**
 * __offline_isolated_pages: takes a block's pages off the lists for good. Every page must be free, poisoned,
 * or no part of what goes offline; the caller has verified that (`refuseUnlessIsolated`).
 * @returns pages that left the zone, poisoned ones included (facts §4.1).
 * @throws RangeError for a block whose pages are not online
 */
export function withdrawBlock(store: PageStore, block: number): number {
  const { rows, state } = store;
  const row = rows.find(block);
  if (row < 0) throw new RangeError(`block ${block}: its pages are not online`);
  let left = 0;
  if ((rows.slot[row] as number) < 0) {
    const zone = rows.zone[row] as number;
    const type = rows.type[row] as number;
    if (isWholeUsed(store, row)) throw new Error(`memhp bug: block ${block} leaves with pages in use`);
    if (rows.held[row] !== 0) throw new Error(`memhp bug: block ${block} leaves with pages that the kernel holds`);
    removeBlock(store, row);
    left = store.blockPages;
    store.presentPages[zone] = (store.presentPages[zone] as number) - left;
    if (type !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) - left;
    countPageblocks(store, zone, type, -(left >> store.pageblockOrder));
  } else {
    const first = (rows.slot[row] as number) * store.blockPages;
    for (let index = first; index < first + store.blockPages;) {
      const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
      const code = state[index] as number;
      const pages = code >= FREE_HEAD ? 1 << (headOrder[code] as number) : 1;
      if (code >= FREE_HEAD) {
        removeFree(store, index, zone);
        if (headType[code] !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) - pages;
      } else {
        forgetUsed(store, index, zone, code & KIND_MASK);
      }
      if ((code & KIND_MASK) !== PageKind.hole || code >= FREE_HEAD) {
        store.presentPages[zone] = (store.presentPages[zone] as number) - pages;
        left += pages;
      }
      index += pages;
    }
    for (let pb = first >> store.pageblockOrder; pb < (first + store.blockPages) >> store.pageblockOrder; pb++) {
      countPageblocks(store, store.pageblockZone[pb] as number, store.pageblockType[pb] as number, -1);
    }
    store.releaseSlot(row);
  }
  store.releaseTurn(row);
  rows.remove(row);
  return left;
}

const mayLeave: ReadonlySet<number> = new Set([
  PageKind.hwpoison,
  PageKind.hole,
  PageKind.self_hosted,
  PageKind.offline,
]);

function forgetUsed(store: PageStore, index: number, zone: number, kind: number): void {
  const poisoned = ((store.state[index] as number) & POISONED) !== 0;
  if (!mayLeave.has(kind) && !poisoned) throw new Error(`memhp bug: a used page of kind ${kind} leaves its zone`);
  if (orderOfUsed(store, index) > 0) throw new Error("memhp bug: a page of several frames leaves its zone");
  countKind(store, zone, kind, -1);
  countOwner(store, ownerOfUsed(store, index), -1);
}

/**
 * Managed pages of a zone: present ones that are neither PageReserved since boot nor given up to a hypervisor: PageOffline, and those of a
 * balloon (adjust_managed_page_count in drivers/virtio/virtio_balloon.c; from source, not recorded).
 */
export function managedPages(store: PageStore, zone: number): number {
  const at = zone * KINDS;
  const count = (kind: number): number => store.kindPages[at + kind] as number;
  const givenUp = count(PageKind.offline) + count(PageKind.balloon);
  const notManaged = count(PageKind.reserved) + count(PageKind.self_hosted) + givenUp;
  return (store.presentPages[zone] as number) - notManaged;
}

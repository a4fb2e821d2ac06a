import type { Refusal } from "@memhp/abi";
import { NO_SLOT } from "./block-rows.ts";
import { freeChunk } from "./buddy.ts";
import { addBlock, removeBlock, removeFree } from "./free-lists.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { MigrateClass } from "./migrate-class.ts";
import { isFreeHugetlb, PageKind } from "./page-kind.ts";
import { FREE_HEAD, FREE_INSIDE, headOrder, headType, KIND_MASK, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { countPageblocks, moveFreePages, placeUnisolated, setPageblockType } from "./pageblock.ts";
import { Offenders, placeOf } from "./refused-page.ts";
import { refuseUnmovable } from "./unmovable.ts";
import { isUntouched, isWholeUsed } from "./row-form.ts";

function rowOf(store: PageStore, block: number): number {
  const row = store.rows.find(block);
  if (row < 0) throw new RangeError(`block ${block}: its pages are not online`);
  return row;
}

/**
 * A block without columns, which is untouched or in use as a whole, changes its migratetype as a whole. Chunks that somebody
 * has freed do so one by one: they come apart at pageblocks on the way.
 */
function retypeRow(store: PageStore, row: number, type: number, place = store.rules.placeMoved): void {
  const zone = store.rows.zone[row] as number;
  const old = store.rows.type[row] as number;
  const pageblocks = store.blockPages >> store.pageblockOrder;
  const isUsed = isWholeUsed(store, row);
  if (!isUsed) removeBlock(store, row);
  store.rows.type[row] = type;
  if (!isUsed) addBlock(store, row, place);
  countPageblocks(store, zone, old, -pageblocks);
  countPageblocks(store, zone, type, pageblocks);
  const change = Number(old === MigrateClass.isolate) - Number(type === MigrateClass.isolate);
  if (!isUsed) store.freePages[zone] = (store.freePages[zone] as number) + change * store.blockPages;
}

/** A row that changes its migratetype as a whole stays one; the pages of any other block are columns from here on. */
function staysRow(store: PageStore, row: number): boolean {
  if (isUntouched(store, row) || (isWholeUsed(store, row) && store.rows.held[row] === 0)) return true;
  expandToFrames(store, row);
  return false;
}

/**
 * start_isolate_page_range over one block: its pageblocks become ISOLATE and its free pages leave the
 * allocator. Either all of them or, with a refusal, none (facts §4.1 step 4, §4.2 step 6, §4.3).
 */
export function isolateBlock(store: PageStore, block: number): Refusal | undefined {
  const row = rowOf(store, block);
  const { rows } = store;
  if (isIsolated(store, block)) return alreadyIsolated(block);
  const refusal = refuseUnmovable(store, block);
  if (refusal !== undefined) return refusal;
  if (staysRow(store, row)) {
    rows.savedType[row] = rows.type[row] as number;
    retypeRow(store, row, MigrateClass.isolate);
    return undefined;
  }
  isolatePageblocks(store, ...pageblocksOf(store, row));
  return undefined;
}

/** set_migratetype_isolate of pageblocks that nothing unmovable is in. */
export function isolatePageblocks(store: PageStore, begin: number, end: number): void {
  for (let pageblock = begin; pageblock < end; pageblock++) {
    store.pageblockSaved[pageblock] = store.pageblockType[pageblock] as number;
    moveFreePages(store, pageblock, MigrateClass.isolate);
    setPageblockType(store, pageblock, MigrateClass.isolate);
  }
}

/** True where a pageblock of the block is isolated. */
export function isIsolated(store: PageStore, block: number): boolean {
  const row = rowOf(store, block);
  if (store.rows.slot[row] === NO_SLOT) return store.rows.type[row] === MigrateClass.isolate;
  const [begin, end] = pageblocksOf(store, row);
  return store.pageblockType.subarray(begin, end).includes(MigrateClass.isolate);
}

function alreadyIsolated(block: number): Refusal {
  return {
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.3: a pageblock is isolated already",
    block,
    retry: "yes",
    remedy: ["wait until the other offline of this range has ended"],
  };
}

/**
 * undo_isolate_page_range: 4.1 makes every pageblock MOVABLE, whatever it was; 6.x restores
 * what isolation remembered (facts §1.3). Chunks merge again across pageblocks.
 */
export function undoIsolation(store: PageStore, block: number): void {
  const row = rowOf(store, block);
  const { rows } = store;
  if (staysRow(store, row)) {
    if (rows.type[row] === MigrateClass.isolate)
      retypeRow(store, row, typeAfter(store, rows.savedType[row] as number), placeUnisolated(store));
    return;
  }
  unisolatePageblocks(store, ...pageblocksOf(store, row));
}

function typeAfter({ rules }: PageStore, saved: number): number {
  return rules.unisolate === "movable" ? MigrateClass.movable : saved;
}

/** unset_migratetype_isolate of pageblocks, those that are not isolated left out. */
export function unisolatePageblocks(store: PageStore, begin: number, end: number): void {
  for (let pageblock = begin; pageblock < end; pageblock++) {
    if (store.pageblockType[pageblock] !== MigrateClass.isolate) continue;
    const type = typeAfter(store, store.pageblockSaved[pageblock] as number);
    setPageblockType(store, pageblock, type);
    moveFreePages(store, pageblock, type);
    mergeAgain(store, pageblock << store.pageblockOrder);
  }
}

/**
 * unset_migratetype_isolate: a chunk that could not merge beyond its isolated pageblock now may. What it becomes goes to the head in 4.1 and
 * 5.4 (__free_pages), and to the tail since 5.10 (__putback_isolated_page: FPI_TO_TAIL; mm/page_isolation.c, mm/page_alloc.c; from source,
 * not recorded), but for chunks that were taken apart.
 */
function mergeAgain(store: PageStore, index: number): void {
  const code = store.state[index] as number;
  const order = headOrder[code] as number;
  if (code < FREE_HEAD || order < store.pageblockOrder || order === store.maxOrder) return;
  const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
  removeFree(store, index, zone);
  store.state[index] = FREE_INSIDE;
  store.freePages[zone] = (store.freePages[zone] as number) - (1 << order);
  freeChunk(store, index, order, placeUnisolated(store) === "tail" ? "tail" : "by-merge");
}

function pageblocksOf(store: PageStore, row: number): readonly [number, number] {
  const first = (store.rows.slot[row] as number) * store.blockPages;
  return [first >> store.pageblockOrder, (first + store.blockPages) >> store.pageblockOrder];
}

/** Pages that test_pages_isolated passes over although they are not free: poisoned, or no part of what goes offline. */
export function mayStay(store: PageStore, code: number): boolean {
  const kind = code & KIND_MASK;
  if ((code & POISONED) !== 0 || kind === PageKind.hole || kind === PageKind.self_hosted) return true;
  return kind === PageKind.offline && store.rules.offlinePages === "leave-unless-held";
}

/**
 * test_pages_isolated: every page of the block must be free on the isolate lists. In 4.1 that is the last word
 * (facts §4.1 step 11); in 6.x the caller starts over (§4.2 step 9).
 * @throws Error, a bug of memhp, for a free page of an isolated block that is not isolated
 */
export function refuseUnlessIsolated(store: PageStore, block: number): Refusal | undefined {
  const row = rowOf(store, block);
  if (isWholeUsed(store, row)) expandToFrames(store, row);
  const slot = store.rows.slot[row] as number;
  if (slot < 0) return undefined;
  const first = slot * store.blockPages;
  const offenders = new Offenders(store);
  for (let index = first; index < first + store.blockPages;) {
    const code = store.state[index] as number;
    if (code >= FREE_HEAD) {
      if (headType[code] !== MigrateClass.isolate)
        throw new Error("memhp bug: a free page of an isolated block is not isolated");
      index += 1 << (headOrder[code] as number);
      continue;
    }
    if (!mayStay(store, code)) offenders.add(index);
    index++;
  }
  return refuseNotFree(store, block, offenders);
}

/** What test_pages_isolated says of the pages of a block that are not free; undefined where there are none. */
export function refuseNotFree(store: PageStore, block: number, offenders: Offenders): Refusal | undefined {
  const first = (store.rows.slot[rowOf(store, block)] as number) * store.blockPages;
  const [page] = offenders.pages;
  if (page === undefined) return undefined;
  const pinned = store.linkB[first + (page.pfn % store.blockPages)] !== 0;
  const freeHuge = isFreeHugetlb[(store.state[first + (page.pfn % store.blockPages)] as number) & KIND_MASK] === 1;
  const place = placeOf(store, first + (page.pfn % store.blockPages));
  // The kernel allocates nothing in ZONE_MOVABLE: such a page is on its way, on a per-cpu list (observed-4.1 §6).
  const leaves = page.kind === "kernel" && place.zone === "Movable";
  return {
    errno: "EBUSY",
    code: pinned ? "pinned_page" : "unmovable_page",
    rule:
      store.rules.offlineRetries === "bounded"
        ? "facts §4.1 step 11: a page is neither free nor isolated"
        : "facts §4.2 step 9: a page is neither free nor isolated",
    block,
    ...place,
    pages: offenders.pages,
    total: offenders.total,
    retry: pinned || freeHuge || leaves ? "maybe" : "no",
    remedy: freeHuge
      ? ["shrink the hugepage pool of this node"]
      : pinned
        ? [`wait until ${page.owner} unpins the page`]
        : leaves
          ? ["try again: pages on per-cpu lists leave by themselves"]
          : ["choose another block: the kernel holds this page"],
  };
}

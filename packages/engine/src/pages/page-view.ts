import type { ZoneIndex } from "@memhp/abi";
import { NO_SLOT } from "./block-rows.ts";
import { freeChunkAround } from "./buddy.ts";
import { MigrateClass } from "./migrate-class.ts";
import { hasMovableOps, isFreeHugetlb, isHugetlb, isLru, kindName, type PageKindName, PageKind } from "./page-kind.ts";
import { FREE_HEAD, FREE_INSIDE, headOrder, KIND_MASK, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { countUsedAlike, orderOfUsed, ownerName, ownerOfUsed, pinsOf } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";

/** One page frame, read out: what /proc/kpageflags and /proc/kpagecount tell, and whom it belongs to. */
export interface PageView {
  readonly kind: PageKindName;
  readonly node: number;
  readonly zone: ZoneIndex;
  /** Migratetype of the pageblock: a `MigrateClass`. */
  readonly migrateType: number;
  /** Order of the free chunk or of the used page that the frame is part of, and whether it is not the first of it. */
  readonly order: number;
  readonly isTail: boolean;
  readonly isPoisoned: boolean;
  /** References beyond the owner's own. */
  readonly pins: number;
  readonly owner: string | undefined;
}

/** What a frame is used for; undefined where its block is not online. Reading touches nothing. */
export function viewPage(store: PageStore, pfn: number): PageView | undefined {
  const row = store.rows.find(Math.floor(pfn / store.blockPages));
  if (row < 0) return undefined;
  const slot = store.rows.slot[row] as number;
  if (slot === NO_SLOT) {
    const zone = store.rows.zone[row] as number;
    const at = pfn % store.blockPages;
    const own = at - ((store.rows.before[row] as number) << store.maxOrder);
    if (own < 0 || at >= store.blockPages - ((store.rows.behind[row] as number) << store.maxOrder))
      return { ...freeView(store, zone, store.rows.type[row] as number, 0, false), kind: "hole" };
    if (own < heldPages(store, row)) return heldView(store, row, zone, own);
    if (isWholeUsed(store, row)) return usedView(store, row, zone);
    const isTail = pfn % 2 ** store.maxOrder !== 0;
    return freeView(store, zone, store.rows.type[row] as number, store.maxOrder, isTail);
  }
  const index = slot * store.blockPages + (pfn % store.blockPages);
  const zone = store.pageblockZone[index >> store.pageblockOrder] as number;
  const migrateType = store.pageblockType[index >> store.pageblockOrder] as number;
  const code = store.state[index] as number;
  if (code >= FREE_HEAD || code === FREE_INSIDE) {
    const head = freeChunkAround(store, index);
    return freeView(store, zone, migrateType, headOrder[store.state[head] as number] as number, head !== index);
  }
  return {
    kind: kindName(code & KIND_MASK),
    node: store.nodeOfZone(zone),
    zone: store.zoneIndexOf(zone),
    migrateType,
    order: orderOfUsed(store, index),
    isTail: (code & TAIL) !== 0,
    isPoisoned: (code & POISONED) !== 0,
    pins: pinsOf(store, index),
    owner: ownerName(store, ownerOfUsed(store, index)),
  };
}

function heldPages(store: PageStore, row: number): number {
  return (store.rows.held[row] as number) << store.maxOrder;
}

function heldView(store: PageStore, row: number, zone: number, at: number): PageView {
  const owner = ownerName(store, 0);
  const memmapAt = heldPages(store, row) - ((store.rows.memmap[row] as number) << store.maxOrder);
  const kernelAt = memmapAt - ((store.rows.kernel[row] as number) << store.maxOrder);
  if (at < memmapAt) {
    const kind = at < kernelAt ? "reserved" : "kernel";
    return { ...freeView(store, zone, MigrateClass.unmovable, 0, false), kind, owner };
  }
  const isTail = at % 2 ** store.maxOrder !== 0;
  return { ...freeView(store, zone, MigrateClass.unmovable, store.maxOrder, isTail), kind: "memmap", owner };
}

/** A frame of a block that somebody uses as a whole. */
function usedView(store: PageStore, row: number, zone: number): PageView {
  const page = freeView(store, zone, store.rows.type[row] as number, 0, false);
  const owner = ownerName(store, store.rows.owner[row] as number);
  return { ...page, kind: kindName(store.rows.kind[row] as number), owner };
}

function freeView(store: PageStore, zone: number, migrateType: number, order: number, isTail: boolean): PageView {
  return {
    kind: "free",
    node: store.nodeOfZone(zone),
    zone: store.zoneIndexOf(zone),
    migrateType,
    order,
    isTail,
    isPoisoned: false,
    pins: 0,
    owner: undefined,
  };
}

/** Frames that look alike, one after another. `page` is undefined for frames that are not online. */
export interface PageRun {
  readonly startPfn: number;
  readonly count: number;
  readonly page: PageView | undefined;
}

/** The frames of a range as runs, ascending. Reading touches nothing. */
export function pageRuns(store: PageStore, startPfn: number, count: number): PageRun[] {
  const runs: { startPfn: number; count: number; page: PageView | undefined }[] = [];
  for (let pfn = startPfn; pfn < startPfn + count;) {
    const page = viewPage(store, pfn);
    const alike = Math.min(wholeFrom(store, pfn) ?? alikeFrom(store, pfn, page), startPfn + count - pfn);
    const last = runs.at(-1);
    if (last !== undefined && isAlike(last.page, page)) last.count += alike;
    else runs.push({ startPfn: pfn, count: alike, page });
    pfn += alike;
  }
  return runs;
}

/** To the end of a block that somebody uses as a whole; undefined elsewhere. */
function wholeFrom(store: PageStore, pfn: number): number | undefined {
  const row = store.rows.find(Math.floor(pfn / store.blockPages));
  const at = pfn % store.blockPages;
  return row >= 0 && isWholeUsed(store, row) && at >= heldPages(store, row) ? store.blockPages - at : undefined;
}

/** Frames from here on that are certain to look like this one: to the end of its chunk, of what is used alike in its pageblock, or of its block. */
function alikeFrom(store: PageStore, pfn: number, page: PageView | undefined): number {
  if (page === undefined) return store.blockPages - (pfn % store.blockPages);
  if (page.isTail && !page.isPoisoned && page.kind === "free") return 2 ** page.order - (pfn % 2 ** page.order);
  const slot = store.rows.slot[store.rows.find(Math.floor(pfn / store.blockPages))] as number;
  if (slot === NO_SLOT) return 1;
  const index = slot * store.blockPages + (pfn % store.blockPages);
  if ((store.state[index] as number) >= FREE_HEAD) return 1;
  return countUsedAlike(store, index, ((index >> store.pageblockOrder) + 1) << store.pageblockOrder);
}

function isAlike(a: PageView | undefined, b: PageView | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  // Each chunk and each larger page begins anew.
  if (!b.isTail && b.order > 0) return false;
  return (
    a.kind === b.kind &&
    a.isTail === b.isTail &&
    a.order === b.order &&
    a.isPoisoned === b.isPoisoned &&
    a.pins === b.pins &&
    a.owner === b.owner &&
    a.zone === b.zone &&
    a.migrateType === b.migrateType
  );
}

/** How a block's pages would take an offline, for plans: base pages. */
export interface BlockUse {
  /** Pages. */
  readonly free: number;
  /** Would have to move, and can. */
  readonly movable: number;
  /** How much of it is page cache, which makes room where there is none. */
  readonly cache: number;
  /** Would move but for a pin. */
  readonly pinned: number;
  /** Free hugepages of a pool: dissolved, not moved. */
  readonly dissolved: number;
  /** Holes, kernel pages and all else that stays. */
  readonly fixed: number;
  /** Hugepages in use that begin in the block; their pages are part of what is movable or pinned. */
  readonly hugepages: readonly HugepagesInUse[];
}

/** How many hugepages of one size are in use in a block. */
export interface HugepagesInUse {
  readonly order: number;
  readonly count: number;
}

/** Counts a block's pages by what an offline would do with them; undefined where it is not online. */
export function blockUse(store: PageStore, block: number): BlockUse | undefined {
  const row = store.rows.find(block);
  if (row < 0) return undefined;
  const slot = store.rows.slot[row] as number;
  const use = { free: 0, movable: 0, cache: 0, pinned: 0, dissolved: 0, fixed: 0 };
  const hugepages = new Map<number, number>();
  if (slot === NO_SLOT) {
    const { before, behind } = store.rows;
    const fixed = heldPages(store, row) + (((before[row] as number) + (behind[row] as number)) << store.maxOrder);
    if (isWholeUsed(store, row)) {
      const movable = store.blockPages - fixed;
      return { ...use, movable, fixed, cache: store.rows.kind[row] === PageKind.file ? movable : 0, hugepages: [] };
    }
    return { ...use, free: store.blockPages - fixed, fixed, hugepages: [] };
  }
  const first = slot * store.blockPages;
  for (let index = first; index < first + store.blockPages;) {
    const code = store.state[index] as number;
    const kind = code & KIND_MASK;
    const pages = code >= FREE_HEAD ? 1 << (headOrder[code] as number) : 1;
    if (code >= FREE_HEAD) use.free += pages;
    else if (isFreeHugetlb[kind] === 1) use.dissolved++;
    else if (!canMove(store, kind)) use.fixed++;
    else if (kindName(kind) === "secret" || pinsOf(store, index) > 0) use.pinned++;
    else use.movable++;
    if (kind === PageKind.file && code < FREE_HEAD && pinsOf(store, index) === 0) use.cache++;
    if (code < FREE_HEAD && (code & TAIL) === 0 && isHugetlb[kind] === 1 && isFreeHugetlb[kind] === 0) {
      const order = orderOfUsed(store, index);
      hugepages.set(order, (hugepages.get(order) ?? 0) + 1);
    }
    index += pages;
  }
  return { ...use, hugepages: [...hugepages].map(([order, count]) => ({ order, count })) };
}

function canMove(store: PageStore, kind: number): boolean {
  return isLru[kind] === 1 || isHugetlb[kind] === 1 || (hasMovableOps[kind] === 1 && store.rules.movableOpsMove);
}

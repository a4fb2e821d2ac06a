import { type Refusal, type RefusedPage, ZONE_MOVABLE, zoneName } from "@memhp/abi";
import { MigrateClass } from "./migrate-class.ts";
import { pageblockOfPfn } from "./page-index.ts";
import { hasMovableOps, isHugetlb, isLru, isReserved, PageKind } from "./page-kind.ts";
import { FREE_HEAD, headOrder, KIND_MASK, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { NAMED, Offenders, placeOf, remediesFor } from "./refused-page.ts";
import { orderOfUsed, ownerName } from "./used-pages.ts";
import { isUntouched } from "./row-form.ts";

/**
 * has_unmovable_pages of 4.1: pages of ZONE_MOVABLE and of MOVABLE pageblocks are taken on trust; elsewhere
 * what is neither free, on the LRU, poisoned nor a hugepage cannot move (facts §4.3).
 */
function isSkipped41(store: PageStore, pageblock: number): boolean {
  const type = store.pageblockType[pageblock];
  const zone = store.pageblockZone[pageblock] as number;
  return type === MigrateClass.movable || store.zoneIndexOf(zone) === ZONE_MOVABLE;
}
function isUnmovable41(kind: number): boolean {
  return isLru[kind] === 0 && isHugetlb[kind] === 0;
}

/**
 * has_unmovable_pages of 6.x: reserved pages even in ZONE_MOVABLE; elsewhere also what is neither
 * on the LRU, nor has movable_ops, nor is a hugepage, nor PageOffline (facts §4.3).
 */
function isUnmovable6(kind: number, isMovableZone: boolean): boolean {
  if (isReserved[kind] === 1) return true;
  if (isMovableZone || kind === PageKind.offline) return false;
  return isLru[kind] === 0 && hasMovableOps[kind] === 0 && isHugetlb[kind] === 0;
}

function isSingleSlab(store: PageStore, index: number, code: number): boolean {
  const kind = code & KIND_MASK;
  if (kind !== PageKind.slab && kind !== PageKind.slab_reclaimable) return false;
  return (code & TAIL) === 0 && orderOfUsed(store, index) === 0;
}

/**
 * has_unmovable_pages of one pageblock, given by its first page.
 * @param offenders takes all of them; without it the scan ends at the first.
 */
export function hasUnmovablePages(store: PageStore, first: number, offenders?: Offenders): boolean {
  const { state, rules } = store;
  const pageblock = first >> store.pageblockOrder;
  const trustsMovable = rules.unmovableScan === "trusts-movable";
  if (trustsMovable && isSkipped41(store, pageblock)) return false;
  const isMovableZone = store.zoneIndexOf(store.pageblockZone[pageblock] as number) === ZONE_MOVABLE;
  const end = first + (1 << store.pageblockOrder);
  let found = false;
  for (let index = first; index < end;) {
    const code = state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    const counts =
      code !== 0 &&
      (code & POISONED) === 0 &&
      kind !== PageKind.self_hosted &&
      (trustsMovable ? isUnmovable41(kind) : isUnmovable6(kind, isMovableZone)) &&
      !(rules.singleSlabPasses && isSingleSlab(store, index, code));
    if (counts) {
      if (offenders === undefined) return true;
      offenders.add(index);
      found = true;
    }
    index++;
  }
  return found;
}

/** The same of any pageblock of a block with columns. */
function hasUnmovablePagesInSlot(store: PageStore, slot: number): boolean {
  const first = slot * store.blockPages;
  for (let at = first; at < first + store.blockPages; at += 1 << store.pageblockOrder)
    if (hasUnmovablePages(store, at)) return true;
  return false;
}

/** Pages of a block that has_unmovable_pages objects to, and why; undefined where isolation may go on. */
export function refuseUnmovable(store: PageStore, block: number): Refusal | undefined {
  const row = store.rows.find(block);
  const slot = store.rows.slot[row] as number;
  if (slot < 0) return store.rows.held[row] === 0 || trustsHeld(store, row) ? undefined : refuseHeld(store, block, row);
  return refuseUnmovableRange(store, block, 0, store.blockPages);
}

/** The same of some of its pageblocks, by the pages' numbers in the block; the block has columns. */
export function refuseUnmovableRange(store: PageStore, block: number, begin: number, end: number): Refusal | undefined {
  const first = (store.rows.slot[store.rows.find(block)] as number) * store.blockPages;
  const offenders = new Offenders(store);
  for (let at = first + begin; at < first + end; at += 1 << store.pageblockOrder)
    hasUnmovablePages(store, at, offenders);
  const [page] = offenders.pages;
  if (page === undefined) return undefined;
  return unmovable(block, placeOf(store, first + (page.pfn % store.blockPages)), offenders);
}

/** 4.1 takes ZONE_MOVABLE on trust, where it looks at pages: in a block that somebody has used. */
function trustsHeld(store: PageStore, row: number): boolean {
  const isMovableZone = store.zoneIndexOf(store.rows.zone[row] as number) === ZONE_MOVABLE;
  return store.rules.unmovableScan === "trusts-movable" && isMovableZone && !isUntouched(store, row);
}

/** The same for a block of which nobody has touched a page: what boot reserved stands in its row. */
function refuseHeld(store: PageStore, block: number, row: number): Refusal {
  const zone = store.rows.zone[row] as number;
  const total = (store.rows.held[row] as number) << store.maxOrder;
  const memmapAt = total - ((store.rows.memmap[row] as number) << store.maxOrder);
  const kernelAt = memmapAt - ((store.rows.kernel[row] as number) << store.maxOrder);
  const pages = Array.from({ length: Math.min(total, NAMED) }, (_, i): RefusedPage => {
    const pfn = block * store.blockPages + i;
    const kind = i < kernelAt ? "reserved" : i < memmapAt ? "kernel" : "memmap";
    return { pfn, kind, pageblock: pageblockOfPfn(store, pfn), owner: ownerName(store, 0) };
  });
  const place = { node: store.nodeOfZone(zone), zone: zoneName(store.zoneIndexOf(zone)) };
  return unmovable(block, place, { pages, total, kinds: new Set(pages.map(({ kind }) => kind)) });
}

function unmovable(
  block: number,
  place: Pick<Refusal, "node" | "zone">,
  { pages, total, kinds }: Pick<Offenders, "pages" | "total" | "kinds">,
): Refusal {
  const isReclaimable = kinds.size === 1 && kinds.has("slab_reclaimable");
  return {
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.3: has_unmovable_pages",
    block,
    ...place,
    pages,
    total,
    retry: isReclaimable ? "maybe" : "no",
    remedy: remediesFor(kinds),
  };
}

/** Blocks that has_unmovable_pages objects to: what `removable` of 4.1 reads 0 for (facts §2.7). */
export function unmovableBlocks(store: PageStore): Set<number> {
  const blocks = new Set<number>();
  for (const row of store.rows.ascending()) {
    const slot = store.rows.slot[row] as number;
    const isUnmovable = slot < 0 ? holdsUnmovable(store, row) : hasUnmovablePagesInSlot(store, slot);
    if (isUnmovable) blocks.add(store.rows.block[row] as number);
  }
  return blocks;
}

/** 4.1 takes ZONE_MOVABLE on trust, memmap of boot included (boot-1n-movablecore512m). */
function holdsUnmovable(store: PageStore, row: number): boolean {
  if (store.rows.held[row] === 0) return false;
  const isMovableZone = store.zoneIndexOf(store.rows.zone[row] as number) === ZONE_MOVABLE;
  return !(store.rules.unmovableScan === "trusts-movable" && isMovableZone);
}

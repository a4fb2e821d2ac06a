import { type Refusal, ZONE_MOVABLE } from "@memhp/abi";
import { touch } from "./split-free-chunk.ts";
import { isolatePageblocks, mayStay, refuseNotFree, unisolatePageblocks } from "./isolation.ts";
import { MigrateClass } from "./migrate-class.ts";
import { hasMovableOps, isFreeHugetlb, isHugetlb, isLru, isReserved, PageKind } from "./page-kind.ts";
import type { PageView } from "./page-view.ts";
import { FREE_HEAD, headOrder, KIND_MASK } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { Offenders } from "./refused-page.ts";
import { refuseUnmovableRange } from "./unmovable.ts";

/** Frames of one online block that somebody wants free and together; whole pageblocks. */
export interface FrameRange {
  readonly startPfn: number;
  readonly nrPages: number;
}

function placeOfRange(
  store: PageStore,
  { startPfn, nrPages }: FrameRange,
): { block: number; first: number; end: number } {
  const first = touch(store, startPfn);
  return { block: Math.floor(startPfn / store.blockPages), first, end: first + nrPages };
}

/**
 * alloc_contig_range begins: start_isolate_page_range over whole pageblocks; with a refusal, over none (mm/page_alloc.c).
 * @throws Error, a bug of memhp, for frames that are isolated already
 */
export function isolateRange(store: PageStore, range: FrameRange): Refusal | undefined {
  const { block, first, end } = placeOfRange(store, range);
  const begin = first >> store.pageblockOrder;
  if (store.pageblockType.subarray(begin, end >> store.pageblockOrder).includes(MigrateClass.isolate))
    throw new Error(`memhp bug: frames of block ${block} are wanted twice`);
  const inBlock = range.startPfn % store.blockPages;
  const refusal = refuseUnmovableRange(store, block, inBlock, inBlock + range.nrPages);
  if (refusal === undefined) isolatePageblocks(store, begin, end >> store.pageblockOrder);
  return refusal;
}

/** undo_isolate_page_range over the same. */
export function unisolateRange(store: PageStore, range: FrameRange): void {
  const { first, end } = placeOfRange(store, range);
  unisolatePageblocks(store, first >> store.pageblockOrder, end >> store.pageblockOrder);
}

/**
 * Whether a page keeps alloc_contig_range from having its frames: neither free nor to be moved (facts §4.3). The kernel's own pages of a kernel zone
 * do, reserved and pinned ones anywhere.
 */
export function keepsFrames({ kind: name, zone, pins }: PageView): boolean {
  const kind = PageKind[name];
  if (name === "free" || name === "offline" || name === "hwpoison") return false;
  if (isReserved[kind] === 1 || pins > 0) return true;
  return zone < ZONE_MOVABLE && isLru[kind] === 0 && hasMovableOps[kind] === 0 && isHugetlb[kind] === 0;
}

/** The first frame of a page that must move out of the range; undefined where none is left. */
export function firstToMove(store: PageStore, range: FrameRange): number | undefined {
  const { first, end } = placeOfRange(store, range);
  for (let index = first; index < end;) {
    const code = store.state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    const moves =
      isLru[kind] === 1 || hasMovableOps[kind] === 1 || (isHugetlb[kind] === 1 && isFreeHugetlb[kind] === 0);
    if (moves && !mayStay(store, code)) return range.startPfn + (index - first);
    index++;
  }
  return undefined;
}

/** test_pages_isolated for alloc_contig_range: every frame must be free. */
export function refuseUnlessFree(store: PageStore, range: FrameRange): Refusal | undefined {
  const { block, first, end } = placeOfRange(store, range);
  const offenders = new Offenders(store);
  for (let index = first; index < end;) {
    const code = store.state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    offenders.add(index);
    index++;
  }
  return refuseNotFree(store, block, offenders);
}

import { NO_SLOT } from "./block-rows.ts";
import { replaceBlock } from "./free-lists.ts";
import { MigrateClass } from "./migrate-class.ts";
import { PageKind } from "./page-kind.ts";
import { ownerWord, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";

/**
 * Gives a block its pages as columns. What is free takes the block's place on the free list: where nobody had touched it, in
 * the order that onlining left there. 4.1 frees upwards to the head, so the highest chunk leads; 6.x frees to the
 * tail, so the lowest does (facts §3.2 step 11).
 * @returns the index of the block's first page.
 */
export function expandToFrames(store: PageStore, row: number): number {
  const { rows } = store;
  const existing = rows.slot[row] as number;
  if (existing !== NO_SLOT) return existing * store.blockPages;
  const first = store.takeSlot(row) * store.blockPages;
  fillPageblocks(store, row, first);
  const begin = (rows.before[row] as number) << store.maxOrder;
  const end = store.blockPages - ((rows.behind[row] as number) << store.maxOrder);
  fillHoles(store, first, first + begin);
  fillHoles(store, first + end, first + store.blockPages);
  const held = begin + ((rows.held[row] as number) << store.maxOrder);
  if (held > begin) fillHeld(store, row, first + begin);
  if (rows.kind[row] !== PageKind.free) {
    fillUsed(store, row, first + held, first + end);
    return first;
  }
  const chunks: number[] = [];
  for (let at = held; at < end; at += 1 << store.maxOrder) chunks.push(first + at);
  if (chunks.length > 0) replaceBlock(store, row, rows.highFirst[row] === 1 ? chunks.toReversed() : chunks);
  return first;
}

/** What other nodes have of the block. */
function fillHoles(store: PageStore, begin: number, end: number): void {
  store.state.fill(PageKind.hole, begin, end);
  store.linkA.fill(ownerWord(0, 0), begin, end);
  store.linkB.fill(0, begin, end);
}

/** The pages of a row that somebody uses as a whole. */
function fillUsed(store: PageStore, row: number, begin: number, end: number): void {
  const owner = store.rows.owner[row] as number;
  store.state.fill(store.rows.kind[row] as number, begin, end);
  store.linkA.fill(ownerWord(owner, 0), begin, end);
  store.linkB.fill(0, begin, end);
  store.slotOwners[begin >> store.blockShift] = 1 << (owner & 31);
  store.rows.kind[row] = PageKind.free;
}

/**
 * What boot reserved at a block's start and what the running kernel allocated, in pages of their own, and behind them memmap in the
 * largest chunks; in pageblocks that nothing movable shares.
 */
function fillHeld(store: PageStore, row: number, first: number): void {
  const { rows } = store;
  const pages = (rows.held[row] as number) << store.maxOrder;
  const reserved = pages - ((rows.memmap[row] as number) << store.maxOrder);
  const kernelAt = reserved - ((rows.kernel[row] as number) << store.maxOrder);
  store.state.fill(PageKind.reserved, first, first + kernelAt);
  store.state.fill(PageKind.kernel, first + kernelAt, first + reserved);
  store.linkA.fill(ownerWord(0, 0), first, first + reserved);
  store.state.fill(PageKind.memmap | TAIL, first + reserved, first + pages);
  store.linkA.fill(ownerWord(0, store.maxOrder), first + reserved, first + pages);
  for (let index = first + reserved; index < first + pages; index += 1 << store.maxOrder)
    store.state[index] = PageKind.memmap;
  store.linkB.fill(0, first, first + pages);
  const begin = first >> store.pageblockOrder;
  store.pageblockType.fill(MigrateClass.unmovable, begin, (first + pages) >> store.pageblockOrder);
}

/** Writes the row's zone and migratetypes into the pageblock columns. */
export function fillPageblocks(store: PageStore, row: number, firstIndex: number): void {
  const { rows } = store;
  const begin = firstIndex >> store.pageblockOrder;
  const end = (firstIndex + store.blockPages) >> store.pageblockOrder;
  store.pageblockZone.fill(rows.zone[row] as number, begin, end);
  store.pageblockType.fill(rows.type[row] as number, begin, end);
  store.pageblockSaved.fill(rows.savedType[row] as number, begin, end);
}

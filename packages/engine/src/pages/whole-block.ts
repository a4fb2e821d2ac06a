import { SEVERAL_ZONES } from "./block-rows.ts";
import { addBlock, freeChunksOfBlock, removeBlock } from "./free-lists.ts";
import { MigrateClass } from "./migrate-class.ts";
import { PageKind } from "./page-kind.ts";
import { MAX_OWNER } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { countKind, countOwner } from "./used-pages.ts";

// A block whose pages are all alike stays a row while it is taken, isolated, moved and freed. What becomes of the lists is
// what its pages, one by one and upwards, would have made of them.

/** Kinds of which a block may consist as a row: pages of their own that can move, and nothing more is known of each. */
const wholeKinds: ReadonlySet<number> = new Set([PageKind.anonymous, PageKind.file, PageKind.shmem, PageKind.mlocked]);

export function mayBeWhole(kind: number): boolean {
  return wholeKinds.has(kind);
}

/** Base pages of a row that are alike. */
export function wholePages(store: PageStore, row: number): number {
  return freeChunksOfBlock(store, row) << store.maxOrder;
}

/** True where its pages, freed upwards, would merge to largest chunks: not while it is isolated, if those of two pageblocks stay apart (4.1). */
export function freesAsRow({ rows, rules }: PageStore, row: number): boolean {
  return rows.type[row] !== MigrateClass.isolate || rules.isolatedMerge;
}

/** Takes a free block off its list as pages of a kind. Counters of the zone and the owner are the caller's. */
export function takeWhole(store: PageStore, row: number, kind: number, owner: number): void {
  removeBlock(store, row);
  store.takeTurn(row);
  store.rows.kind[row] = kind;
  store.rows.owner[row] = owner;
}

/**
 * A block whose columns have come to hold nothing but pages alike is a row from here on. For whoever has just taken its last
 * free pages: a look at every page of it. Nothing that anybody can see changes.
 */
export function settleRow(store: PageStore, index: number): void {
  const { rows, state, linkA, linkB } = store;
  const slot = index >> store.blockShift;
  const row = store.slotRow[slot] as number;
  const first = slot << store.blockShift;
  const end = first + store.blockPages;
  const kind = state[first] as number;
  const word = linkA[first] as number;
  if (
    !mayBeWhole(kind) ||
    word > MAX_OWNER ||
    rows.held[row] !== 0 ||
    rows.before[row] !== 0 ||
    rows.behind[row] !== 0 ||
    rows.zone[row] === SEVERAL_ZONES
  )
    return;
  for (let at = first; at < end; at++) if (state[at] !== kind || linkA[at] !== word || linkB[at] !== 0) return;
  const from = first >> store.pageblockOrder;
  const to = end >> store.pageblockOrder;
  const type = store.pageblockType[from] as number;
  const saved = store.pageblockSaved[from] as number;
  for (let pageblock = from; pageblock < to; pageblock++)
    if (store.pageblockType[pageblock] !== type || store.pageblockSaved[pageblock] !== saved) return;
  rows.type[row] = type;
  rows.savedType[row] = saved;
  rows.kind[row] = kind;
  rows.owner[row] = word;
  store.releaseSlot(row);
}

/**
 * Frees all pages of a used block that `freesAsRow`, upwards: each largest chunk goes to the head of its list when it is
 * complete.
 */
export function freeWhole(store: PageStore, row: number): void {
  const { rows } = store;
  const zone = rows.zone[row] as number;
  const pages = wholePages(store, row);
  countKind(store, zone, rows.kind[row] as number, -pages);
  countOwner(store, rows.owner[row] as number, -pages);
  rows.kind[row] = PageKind.free;
  rows.owner[row] = 0;
  if (rows.type[row] !== MigrateClass.isolate) store.freePages[zone] = (store.freePages[zone] as number) + pages;
  addBlock(store, row, "head");
}

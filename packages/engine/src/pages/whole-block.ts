import { addBlock, freeChunksOfBlock, removeBlock } from "./free-lists.ts";
import { MigrateClass } from "./migrate-class.ts";
import { PageKind } from "./page-kind.ts";
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

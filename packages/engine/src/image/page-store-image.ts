import type { Architecture } from "@memhp/abi";
import { NIL, NO_SLOT } from "../pages/block-rows.ts";
import { MIGRATE_CLASSES } from "../pages/migrate-class.ts";
import { pfnOf } from "../pages/page-index.ts";
import { kindName, KINDS, PageKind, type PageKindName } from "../pages/page-kind.ts";
import { ownerWord } from "../pages/page-state.ts";
import { PageStore } from "../pages/page-store.ts";
import { isWholeUsed } from "../pages/row-form.ts";
import { type FreeListImage, restoreFreeLists, snapshotFreeLists } from "./free-lists-image.ts";
import { ImageError } from "./image-error.ts";
import {
  type CodedUse,
  codedUse,
  FREE,
  mappedIndex,
  type PageUse,
  restoreFrames,
  snapshotFrames,
  UseTable,
} from "./page-uses.ts";
import { type Progressions, progressionsOf, valuesOf } from "./progressions.ts";
import { eachRun, type ValueRuns, ValueRunWriter } from "./value-runs.ts";
import type { PageRules } from "../pages/page-rules.ts";

/** Hugepages of one order. */
interface PoolImage {
  readonly order: number;
  readonly total: number;
  /** First frames of free ones, the one that is taken next last. */
  readonly free: readonly number[];
}

/** The pages of one node. Frames by their number, never by where a store happens to keep them. */
export interface PageStoreImage {
  readonly node: number;
  /** Who holds pages, by number; null is free again. */
  readonly owners: readonly (string | null)[];
  readonly ownerPages: readonly number[];
  /** Blocks whose pages are online here, with the columns of their rows. */
  readonly blocks: Progressions;
  readonly zone: ValueRuns;
  readonly type: ValueRuns;
  readonly savedType: ValueRuns;
  readonly held: ValueRuns;
  readonly kernel: ValueRuns;
  readonly memmap: ValueRuns;
  /** Largest chunks at its start and its end that are other nodes' RAM, where it stands in no columns. */
  readonly before: ValueRuns;
  readonly behind: ValueRuns;
  readonly highFirst: ValueRuns;
  /** 1 where `frames` tells of the block's frames one by one; else they are all of the use in `use`, or -1: free. */
  readonly hasFrames: ValueRuns;
  readonly use: ValueRuns;
  readonly uses: readonly PageUse[];
  /** Blocks that somebody has touched, in the order in which loads walk them; -1 is a turn that is free again. */
  readonly touched: Progressions;
  /** Free turns, the one that is taken next last. */
  readonly freeTurns: Progressions;
  /** Of blocks with frames, in the order of `touched`: pageblocks, and the number of each frame's use, or -1. */
  readonly pageblocks: { readonly zone: ValueRuns; readonly type: ValueRuns; readonly savedType: ValueRuns };
  readonly frames: ValueRuns;
  readonly free: readonly FreeListImage[];
  readonly counters: {
    readonly freePages: readonly number[];
    readonly presentPages: readonly number[];
    readonly kinds: readonly (readonly [zone: number, kind: PageKindName, pages: number])[];
    readonly pageblocks: readonly (readonly [zone: number, type: number, count: number])[];
  };
  readonly pools: readonly PoolImage[];
  /** By order. */
  readonly reservedHugepages: readonly (readonly [order: number, count: number])[];
  readonly targetHugepages: readonly (readonly [order: number, count: number])[];
  /** PG_hwpoison, online or not. */
  readonly poisonedPfns: readonly number[];
  readonly corruptedPages: number;
  readonly memmapPages: number;
  readonly memmapChunks: Progressions;
  /** Pages that have moved. */
  readonly migrateSuccess: number;
  /** Pages that did not move. */
  readonly migrateFail: number;
}

/**
 * A node's pages as plain data.
 * @throws Error, a bug of memhp, for pages of several nodes
 */
export function snapshotPageStore(store: PageStore, node: number): PageStoreImage {
  const { rows } = store;
  if (store.nodes.length !== 1 || store.nodes[0] !== node)
    throw new Error("memhp bug: an image is of the pages of one node");
  const ascending = [...rows.ascending()];
  const column = (values: ArrayLike<number>): ValueRuns => runsOf(ascending, (row) => values[row] as number);
  const turns = Array.from({ length: store.turns }, (_, turn) => store.rowOfTurn(turn));
  const slots = turns.flatMap((row) => (row < 0 || rows.slot[row] === NO_SLOT ? [] : [rows.slot[row] as number]));
  const uses = new UseTable();
  const useOf = (row: number): number => {
    if (!isWholeUsed(store, row)) return FREE;
    return uses.numberOf(rows.kind[row] as number, ownerWord(rows.owner[row] as number, 0), 0);
  };
  const wholes = runsOf(ascending, useOf);
  const frames = snapshotFrames(store, slots, uses);
  const pfns = (indices: Iterable<number>): number[] => [...indices].map((index) => pfnOf(store, index));
  return {
    node,
    owners: store.owners.map((name) => name ?? null),
    ownerPages: [...store.ownerPages.subarray(0, store.owners.length)],
    blocks: progressionsOf(ascending.map((row) => rows.block[row] as number)),
    zone: column(rows.zone),
    type: column(rows.type),
    savedType: column(rows.savedType),
    held: column(rows.held),
    kernel: column(rows.kernel),
    memmap: column(rows.memmap),
    before: column(rows.before),
    behind: column(rows.behind),
    highFirst: column(rows.highFirst),
    hasFrames: runsOf(ascending, (row) => Number(rows.slot[row] !== NO_SLOT)),
    use: wholes,
    uses: uses.list,
    touched: progressionsOf(turns.map((row) => (row < 0 ? -1 : (rows.block[row] as number)))),
    freeTurns: progressionsOf(store.unusedTurns),
    pageblocks: {
      zone: pageblockColumn(store, slots, store.pageblockZone),
      type: pageblockColumn(store, slots, store.pageblockType),
      savedType: pageblockColumn(store, slots, store.pageblockSaved),
    },
    frames,
    free: snapshotFreeLists(store),
    counters: {
      freePages: [...store.freePages.subarray(0, store.zoneSlots)],
      presentPages: [...store.presentPages.subarray(0, store.zoneSlots)],
      kinds: nonZero(store.kindPages, store.zoneSlots, KINDS).map(([zone, kind, pages]) => [
        zone,
        kindName(kind),
        pages,
      ]),
      pageblocks: nonZero(store.pageblocks, store.zoneSlots, MIGRATE_CLASSES),
    },
    pools: [...store.pools].map(([key, { total, free }]) => ({
      order: Number(key.split("/")[1]),
      total,
      free: pfns(free),
    })),
    reservedHugepages: [...store.reservedHugepages],
    targetHugepages: [...store.targetHugepages],
    poisonedPfns: [...store.poisonedPfns],
    corruptedPages: store.corruptedPages,
    memmapPages: store.memmapPages,
    memmapChunks: progressionsOf(store.memmapChunks),
    migrateSuccess: store.migrateSuccess,
    migrateFail: store.migrateFail,
  };
}

function pageblockColumn(store: PageStore, slots: readonly number[], values: ArrayLike<number>): ValueRuns {
  const perBlock = store.blockPages >> store.pageblockOrder;
  const writer = new ValueRunWriter();
  for (const slot of slots) for (let i = 0; i < perBlock; i++) writer.add(values[slot * perBlock + i] as number);
  return writer.finish();
}

function runsOf(rows: readonly number[], valueOf: (row: number) => number): ValueRuns {
  const writer = new ValueRunWriter();
  for (const row of rows) writer.add(valueOf(row));
  return writer.finish();
}

function nonZero(values: ArrayLike<number>, zones: number, perZone: number): (readonly [number, number, number])[] {
  const found: (readonly [number, number, number])[] = [];
  for (let zone = 0; zone < zones; zone++)
    for (let at = 0; at < perZone; at++) {
      const value = values[zone * perZone + at] as number;
      if (value !== 0) found.push([zone, at, value]);
    }
  return found;
}

/** The pages that an image was taken of. @throws ImageError where it contradicts itself. */
export function restorePageStore(
  image: PageStoreImage,
  rules: PageRules,
  arch: Architecture,
  blockPages: number,
): PageStore {
  const store = new PageStore(rules, arch, blockPages);
  store.zoneSlot(image.node, 0);
  image.owners.forEach((name, id) => {
    if (id > 0) store.owners[id] = name ?? undefined;
  });
  restoreOwnerPages(store, image.ownerPages);
  const uses = image.uses.map((use, i) => codedUse(store, use, i));
  const mapped = restoreRows(store, image, uses);
  const slots = restoreTurns(store, image, mapped);
  restorePageblocks(store, slots, image.pageblocks);
  restoreFrames(store, slots, uses, image.frames);
  restoreFreeLists(store, image.free);
  restoreCounters(store, image);
  restoreHugepages(store, image);
  for (const pfn of image.poisonedPfns) store.poisonedPfns.add(pfn);
  store.memmapChunks.push(...valuesOf(image.memmapChunks));
  store.corruptedPages = image.corruptedPages;
  store.memmapPages = image.memmapPages;
  store.migrateSuccess = image.migrateSuccess;
  store.migrateFail = image.migrateFail;
  return store;
}

function restoreOwnerPages(store: PageStore, pages: readonly number[]): void {
  if (pages.length > store.ownerPages.length) store.ownerPages = new Float64Array(2 * pages.length);
  store.ownerPages.set(pages);
}

/** @returns the rows whose frames are told one by one. */
function restoreRows(store: PageStore, image: PageStoreImage, uses: readonly CodedUse[]): Set<number> {
  const { rows } = store;
  const mapped = new Set<number>();
  const ids = valuesOf(image.blocks);
  const { zone, type, savedType, held, kernel, memmap, highFirst, hasFrames, use, before, behind } = image;
  const columns = [zone, type, savedType, held, kernel, memmap, highFirst, hasFrames, use, before, behind];
  for (const { values, count } of eachRun(columns)) {
    const whole = uses[values[8] as number];
    if (whole === undefined && values[8] !== FREE) throw new ImageError("use", `no use ${values[8]}`);
    for (let i = 0; i < count; i++) {
      const id = ids.next();
      if (id.done === true) throw new ImageError("blocks", "fewer blocks than rows");
      if (rows.find(id.value) >= 0) throw new ImageError(`block ${id.value}`, "comes twice");
      const row = rows.add(id.value, values[0] as number, values[1] as number);
      rows.savedType[row] = values[2] as number;
      rows.held[row] = values[3] as number;
      rows.kernel[row] = values[4] as number;
      rows.memmap[row] = values[5] as number;
      rows.highFirst[row] = values[6] as number;
      rows.before[row] = values[9] as number;
      rows.behind[row] = values[10] as number;
      if (values[7] === 1) mapped.add(row);
      if (whole === undefined) continue;
      rows.kind[row] = whole.code;
      rows.owner[row] = whole.owner;
    }
  }
  if (ids.next().done !== true) throw new ImageError("blocks", "more blocks than rows");
  return mapped;
}

/** @returns the slots of blocks with frames, in the order in which they were touched. */
function restoreTurns(store: PageStore, { touched, freeTurns }: PageStoreImage, mapped: Set<number>): number[] {
  const seen = new Set<number>();
  const rows = [...valuesOf(touched)].map((block) => {
    if (block === -1) return NIL;
    const row = store.rows.find(block);
    if (row < 0) throw new ImageError("touched", `block ${block} is not online`);
    if (seen.has(row)) throw new ImageError("touched", `block ${block} comes twice`);
    seen.add(row);
    return row;
  });
  const unused = [...valuesOf(freeTurns)];
  const isFree = (turn: number): boolean => rows[turn] === NIL;
  if (unused.length !== rows.filter((row) => row === NIL).length || !unused.every(isFree))
    throw new ImageError("freeTurns", "are not those that are free");
  store.restoreTurns(rows, unused);
  const slots = rows.flatMap((row) => (mapped.has(row) ? [store.takeSlot(row)] : []));
  if (slots.length !== mapped.size) throw new ImageError("touched", "a block with frames is not among them");
  return slots;
}

function restorePageblocks(store: PageStore, slots: readonly number[], image: PageStoreImage["pageblocks"]): void {
  const perBlock = store.blockPages >> store.pageblockOrder;
  let at = 0;
  for (const { values, count } of eachRun([image.zone, image.type, image.savedType])) {
    const [zone, type, savedType] = values as readonly [number, number, number];
    for (let i = 0; i < count; i++, at++) {
      const slot = slots[Math.floor(at / perBlock)];
      if (slot === undefined) throw new ImageError("pageblocks", "more than touched blocks have");
      const pageblock = slot * perBlock + (at % perBlock);
      store.pageblockZone[pageblock] = zone;
      store.pageblockType[pageblock] = type;
      store.pageblockSaved[pageblock] = savedType;
    }
  }
  if (at !== slots.length * perBlock) throw new ImageError("pageblocks", "fewer than touched blocks have");
}

function restoreCounters(store: PageStore, { counters }: PageStoreImage): void {
  store.freePages.set(counters.freePages);
  store.presentPages.set(counters.presentPages);
  for (const [zone, kind, pages] of counters.kinds) store.kindPages[zone * KINDS + PageKind[kind]] = pages;
  for (const [zone, at, value] of counters.pageblocks) store.pageblocks[zone * MIGRATE_CLASSES + at] = value;
}

function restoreHugepages(store: PageStore, image: PageStoreImage): void {
  for (const { order, total, free } of image.pools) {
    const heads = free.map((pfn) => mappedIndex(store, pfn, `hugepages of order ${order}`));
    store.pools.set(`${image.node}/${order}`, { total, free: heads });
  }
  for (const [order, count] of image.reservedHugepages) store.reservedHugepages.set(order, count);
  for (const [order, count] of image.targetHugepages) store.targetHugepages.set(order, count);
}

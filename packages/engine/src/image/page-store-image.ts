import type { ArchProfile, KernelProfile } from "@memhp/abi";
import { NIL, UNTOUCHED } from "../pages/block-rows.ts";
import { MIGRATE_CLASSES } from "../pages/migrate-class.ts";
import { pfnOf } from "../pages/page-index.ts";
import { KINDS } from "../pages/page-kind.ts";
import { PageStore } from "../pages/page-store.ts";
import { type FreeListImage, restoreFreeLists, snapshotFreeLists } from "./free-lists-image.ts";
import { ImageError } from "./image-error.ts";
import { restoreFrames, snapshotFrames, touchedIndex, type UsedFrames } from "./page-uses.ts";
import { type Progressions, progressionsOf, valuesOf } from "./progressions.ts";
import { eachRun, type ValueRuns, ValueRunWriter } from "./value-runs.ts";

/** Hugepages of one order. */
interface PoolImage {
  readonly order: number;
  readonly total: number;
  /** First frames of free ones, the one that is taken next last. */
  readonly free: readonly number[];
}

/** Counters as zone index, number within the zone, value. */
type Sparse = readonly (readonly [zone: number, at: number, value: number])[];

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
  readonly memmap: ValueRuns;
  /** Blocks that somebody has touched, in the order in which loads walk them; -1 is a place that is free again. */
  readonly touched: Progressions;
  /** Free places, the one that is taken next last. */
  readonly places: Progressions;
  /** Pageblocks of touched blocks, in the order of `touched`. */
  readonly pageblocks: { readonly zone: ValueRuns; readonly type: ValueRuns; readonly savedType: ValueRuns };
  readonly used: UsedFrames;
  readonly free: readonly FreeListImage[];
  readonly counters: {
    readonly freePages: readonly number[];
    readonly presentPages: readonly number[];
    /** By `PageKind`. */
    readonly kinds: Sparse;
    /** By `MigrateClass`. */
    readonly pageblocks: Sparse;
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
  readonly takesMemmap: boolean;
  readonly migrateSuccess: number;
  readonly migrateFail: number;
}

export function snapshotPageStore(store: PageStore, node: number): PageStoreImage {
  const { rows } = store;
  if (store.nodes.length !== 1 || store.nodes[0] !== node)
    throw new Error("memhp bug: an image is of the pages of one node");
  const ascending = [...rows.ascending()];
  const column = (values: ArrayLike<number>): ValueRuns => {
    const writer = new ValueRunWriter();
    for (const row of ascending) writer.add(values[row] as number);
    return writer.finish();
  };
  const slots = Array.from({ length: store.slots }, (_, slot) => slot);
  const inUse = slots.filter((slot) => store.slotRow[slot] !== -1);
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
    memmap: column(rows.memmap),
    touched: progressionsOf(
      slots.map((slot) => (store.slotRow[slot] === -1 ? -1 : (rows.block[store.slotRow[slot] as number] as number))),
    ),
    places: progressionsOf(store.unusedSlots),
    pageblocks: {
      zone: pageblockColumn(store, inUse, store.pageblockZone),
      type: pageblockColumn(store, inUse, store.pageblockType),
      savedType: pageblockColumn(store, inUse, store.pageblockSaved),
    },
    used: snapshotFrames(store, inUse),
    free: snapshotFreeLists(store),
    counters: {
      freePages: [...store.freePages.subarray(0, store.zoneSlots)],
      presentPages: [...store.presentPages.subarray(0, store.zoneSlots)],
      kinds: sparse(store.kindPages, store.zoneSlots, KINDS),
      pageblocks: sparse(store.pageblocks, store.zoneSlots, MIGRATE_CLASSES),
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
    takesMemmap: store.takesMemmap,
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

function sparse(values: ArrayLike<number>, zones: number, perZone: number): Sparse {
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
  profile: KernelProfile,
  arch: ArchProfile,
  blockPages: number,
): PageStore {
  const store = new PageStore(profile, arch, blockPages);
  store.zoneSlot(image.node, 0);
  image.owners.forEach((name, id) => {
    if (id > 0) store.owners[id] = name ?? undefined;
  });
  restoreOwnerPages(store, image.ownerPages);
  restoreRows(store, image);
  const slots = restoreSlots(store, image);
  restorePageblocks(store, slots, image.pageblocks);
  restoreFrames(store, slots, image.used);
  restoreFreeLists(store, image.free);
  restoreCounters(store, image);
  restoreHugepages(store, image);
  for (const pfn of image.poisonedPfns) store.poisonedPfns.add(pfn);
  store.memmapChunks.push(...valuesOf(image.memmapChunks));
  store.corruptedPages = image.corruptedPages;
  store.memmapPages = image.memmapPages;
  store.takesMemmap = image.takesMemmap;
  store.migrateSuccess = image.migrateSuccess;
  store.migrateFail = image.migrateFail;
  return store;
}

function restoreOwnerPages(store: PageStore, pages: readonly number[]): void {
  if (pages.length > store.ownerPages.length) store.ownerPages = new Float64Array(2 * pages.length);
  store.ownerPages.set(pages);
}

function restoreRows(store: PageStore, image: PageStoreImage): void {
  const { rows } = store;
  const ids = valuesOf(image.blocks);
  const columns = [image.zone, image.type, image.savedType, image.held, image.memmap];
  for (const { values, count } of eachRun(columns)) {
    const [zone, type, savedType, held, memmap] = values as readonly [number, number, number, number, number];
    for (let i = 0; i < count; i++) {
      const id = ids.next();
      if (id.done === true) throw new ImageError("blocks", "fewer blocks than rows");
      if (rows.find(id.value) >= 0) throw new ImageError(`block ${id.value}`, "comes twice");
      const row = rows.add(id.value, zone, type);
      rows.savedType[row] = savedType;
      rows.held[row] = held;
      rows.memmap[row] = memmap;
    }
  }
  if (ids.next().done !== true) throw new ImageError("blocks", "more blocks than rows");
}

/** @returns the slots that are in use, in their order. */
function restoreSlots(store: PageStore, { touched, places }: PageStoreImage): number[] {
  const rows = [...valuesOf(touched)].map((block) => {
    if (block === -1) return NIL;
    const row = store.rows.find(block);
    if (row < 0) throw new ImageError("touched", `block ${block} is not online`);
    if (store.rows.slot[row] !== UNTOUCHED) throw new ImageError("touched", `block ${block} comes twice`);
    store.rows.slot[row] = 0;
    return row;
  });
  const unused = [...valuesOf(places)];
  const isFree = (place: number): boolean => rows[place] === NIL;
  if (unused.length !== rows.filter((row) => row === NIL).length || !unused.every(isFree))
    throw new ImageError("places", "are not those that are free");
  store.restoreSlots(rows, unused);
  return rows.flatMap((row, slot) => (row === NIL ? [] : [slot]));
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
  for (const [zone, at, value] of counters.kinds) store.kindPages[zone * KINDS + at] = value;
  for (const [zone, at, value] of counters.pageblocks) store.pageblocks[zone * MIGRATE_CLASSES + at] = value;
}

function restoreHugepages(store: PageStore, image: PageStoreImage): void {
  for (const { order, total, free } of image.pools) {
    const heads = free.map((pfn) => touchedIndex(store, pfn, `hugepages of order ${order}`));
    store.pools.set(`${image.node}/${order}`, { total, free: heads });
  }
  for (const [order, count] of image.reservedHugepages) store.reservedHugepages.set(order, count);
  for (const [order, count] of image.targetHugepages) store.targetHugepages.set(order, count);
}

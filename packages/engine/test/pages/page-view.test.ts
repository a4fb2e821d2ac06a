import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  allocate,
  blockUse,
  counterErrors,
  growHugepagePool,
  hardOfflinePage,
  indexOf,
  MigrateClass,
  PageKind,
  pin,
  pmdOrder,
  setupMigrateReserve,
  takeRange,
  viewPage,
} from "@memhp/engine";
import { expect, test } from "vitest";
import { BLOCK_PAGES, storeOf } from "./machines.ts";

const PFN = 41 * BLOCK_PAGES;

test("a page of an untouched block reads as free, and stays untouched", () => {
  const store = storeOf("6.12");
  expect(viewPage(store, PFN + 1)).toMatchObject({
    kind: "free",
    node: 1,
    zone: ZONE_MOVABLE,
    order: 10,
    isTail: true,
  });
  expect(store.slots).toBe(0);
  expect(viewPage(store, 0)).toBeUndefined();
});

test("a used page tells kind, owner, pins and poison", () => {
  const store = storeOf("6.12");
  takeRange(store, PFN, 2, PageKind.anonymous, store.addOwner("load:db"));
  takeRange(store, PFN + 2, 1, PageKind.slab, 0);
  pin(store, indexOf(store, PFN), 1);
  hardOfflinePage(store, PFN + 2);
  expect(viewPage(store, PFN)).toMatchObject({ kind: "anonymous", owner: "load:db", pins: 1, isPoisoned: false });
  expect(viewPage(store, PFN + 2)).toMatchObject({ kind: "slab", owner: "kernel", isPoisoned: true });
  expect(blockUse(store, 41)).toEqual({
    free: BLOCK_PAGES - 3,
    movable: 1,
    cache: 0,
    pinned: 1,
    dissolved: 0,
    fixed: 1,
    hugepages: [],
  });
});

test("free hugepages are dissolved, not moved", () => {
  const store = storeOf("4.1", [[41, 1, ZONE_MOVABLE]]);
  growHugepagePool(store, 1, pmdOrder(store), 2);
  expect(blockUse(store, 41)).toMatchObject({ free: BLOCK_PAGES - 1024, dissolved: 1024 });
});

test("4.1 turns the lowest MOVABLE pageblocks of a zone into its reserve, at most two, and back", () => {
  const store = storeOf("4.1", [[32, 0, ZONE_NORMAL]]);
  const zone = store.zoneSlot(0, ZONE_NORMAL);
  const reserved = (): number => store.pageblocks.at(zone * 5 + MigrateClass.reserve)!;
  takeRange(store, 32 * BLOCK_PAGES, 1, PageKind.reserved, 0);
  setupMigrateReserve(store, zone, 5000);
  expect(reserved()).toBe(2);
  expect(viewPage(store, 32 * BLOCK_PAGES)?.migrateType).toBe(MigrateClass.movable);
  expect(viewPage(store, 32 * BLOCK_PAGES + 512)?.migrateType).toBe(MigrateClass.reserve);
  expect(counterErrors(store)).toEqual([]);
  setupMigrateReserve(store, zone, 500);
  expect(reserved()).toBe(1);
  setupMigrateReserve(store, zone, 0);
  expect(reserved()).toBe(0);
  expect(counterErrors(store)).toEqual([]);
  const newer = storeOf("6.12");
  setupMigrateReserve(newer, newer.zoneSlot(0, ZONE_NORMAL), 5000);
  expect(newer.slots).toBe(0);
});

test("4.1 gives the reserve away when nothing else is left", () => {
  const store = storeOf("4.1", [[2, 0, ZONE_DMA32]]);
  const zone = store.zoneSlot(0, ZONE_DMA32);
  setupMigrateReserve(store, zone, 1);
  for (let left = BLOCK_PAGES; left > 1; left--) {
    const result = allocate(store, { kind: "anonymous", nodes: [0] });
    expect(result.ok).toBe(true);
  }
  expect(store.freePages[zone]).toBe(1);
  expect(counterErrors(store)).toEqual([]);
});

import { ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  counterErrors,
  freeChunks,
  managedPages,
  MigrateClass,
  nodeFallbackOrder,
  PageKind,
  PageStore,
  populateBlock,
  takeRange,
  withdrawBlock,
  zonelist,
} from "@memhp/engine";
import { afterEach, expect, test, vi } from "vitest";
import { BLOCK_PAGES, emptyStore, storeOf } from "./machines.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("an untouched block is counted and free, but has no pages yet", () => {
  const store = storeOf("6.12", [[32, 0, ZONE_NORMAL]]);
  const zone = store.zoneSlot(0, ZONE_NORMAL);
  expect(store.slots).toBe(0);
  expect(store.freePages[zone]).toBe(BLOCK_PAGES);
  expect(freeChunks(store, zone, 10)).toBe(32);
  expect(freeChunks(store, zone, 10, MigrateClass.movable)).toBe(32);
  expect(freeChunks(store, zone, 10, MigrateClass.unmovable)).toBe(0);
  expect(counterErrors(store)).toEqual([]);
});

test("boot's block 0 has a hole and two zones, and each page is counted where it is", () => {
  const store = emptyStore("6.12");
  const ram = [
    { startPfn: 0, endPfn: 1, node: 0, zone: ZONE_DMA, ram: false },
    { startPfn: 1, endPfn: 0x9f, node: 0, zone: ZONE_DMA, ram: true },
    { startPfn: 0x9f, endPfn: 0x100, node: 0, zone: ZONE_DMA, ram: false },
    { startPfn: 0x100, endPfn: 0x1000, node: 0, zone: ZONE_DMA, ram: true },
    { startPfn: 0x1000, endPfn: BLOCK_PAGES, node: 0, zone: ZONE_DMA32, ram: true },
  ] as const;
  populateBlock(store, { block: 0, node: 0, zone: ZONE_DMA, parts: ram });
  expect(store.presentPages[store.zoneSlot(0, ZONE_DMA)]).toBe(0x1000 - 1 - (0x100 - 0x9f));
  expect(store.presentPages[store.zoneSlot(0, ZONE_DMA32)]).toBe(BLOCK_PAGES - 0x1000);
  expect(counterErrors(store)).toEqual([]);
  expect(takeRange(store, 0x2000, 100, PageKind.reserved, 0)).toBe(true);
  expect(managedPages(store, store.zoneSlot(0, ZONE_DMA32))).toBe(BLOCK_PAGES - 0x1000 - 100);
  expect(takeRange(store, 0x1fff, 2, PageKind.reserved, 0)).toBe(false);
  expect(counterErrors(store)).toEqual([]);
});

test("a block that holds its own memmap has those pages, but does not manage them", () => {
  const store = emptyStore("6.12");
  populateBlock(store, { block: 40, node: 1, zone: ZONE_MOVABLE, selfHostedPages: 512 });
  const zone = store.zoneSlot(1, ZONE_MOVABLE);
  expect(store.presentPages[zone]).toBe(BLOCK_PAGES);
  expect(managedPages(store, zone)).toBe(BLOCK_PAGES - 512);
  expect(withdrawBlock(store, 40)).toBe(BLOCK_PAGES);
  expect(counterErrors(store)).toEqual([]);
});

test("slots of withdrawn blocks are used again", () => {
  const store = storeOf("6.12", [[32, 0, ZONE_NORMAL]]);
  for (let i = 0; i < 5; i++) {
    takeRange(store, 32 * BLOCK_PAGES, 1, PageKind.hwpoison, 0);
    withdrawBlock(store, 32);
    populateBlock(store, { block: 32, node: 0, zone: ZONE_NORMAL });
  }
  takeRange(store, 32 * BLOCK_PAGES, 1, PageKind.kernel, 0);
  expect(store.slots).toBe(1);
});

test("a block smaller than the largest chunk is refused", () => {
  const { rules, arch } = emptyStore("6.12");
  expect(() => new PageStore(rules, arch, 512)).toThrow(RangeError);
});

test("a node asks itself, then the nearest, then the next higher number", () => {
  const distances = new Map([[1, new Map([0, 10, 20, 20, 15].map((d, to) => [to, d === 0 ? 20 : d]))]]);
  expect(nodeFallbackOrder(1, [0, 1, 2, 3, 4], distances)).toEqual([1, 4, 2, 3, 0]);
});

test("a zonelist goes node by node, and down from the highest zone allowed", () => {
  const store = storeOf("6.12");
  expect([...zonelist(store, [1, 0], ZONE_MOVABLE)]).toEqual([
    store.zoneSlot(1, ZONE_MOVABLE),
    store.zoneSlot(1, ZONE_NORMAL),
    store.zoneSlot(0, ZONE_NORMAL),
    store.zoneSlot(0, ZONE_DMA32),
  ]);
});

test("where there is no growing memory the columns are copied, and the pages are the same", () => {
  vi.stubGlobal("WebAssembly", undefined);
  const store = storeOf("6.12");
  for (const block of [2, 32, 33, 40, 41]) takeRange(store, block * BLOCK_PAGES + 7, 100, PageKind.kernel, 0);
  expect(counterErrors(store)).toEqual([]);
  expect(store.kindPages.reduce((sum, pages) => sum + pages, 0)).toBe(500);
});

import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  counterErrors,
  forgetPoison,
  freeUsed,
  growHugepagePool,
  hardOfflinePage,
  indexOf,
  isolateBlock,
  MigrateClass,
  PageKind,
  type PageKindName,
  pin,
  pmdOrder,
  poisonedIn,
  populateBlock,
  refuseUnlessIsolated,
  takeRange,
  withdrawBlock,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK_PAGES, retype, softOffline, storeOf } from "./machines.ts";

const BLOCK = 32;
const PFN = BLOCK * BLOCK_PAGES;
const layout = [
  [BLOCK, 0, ZONE_NORMAL],
  [40, 1, ZONE_NORMAL],
] as const;

function soft(kernel: string, kind?: PageKindName, pinned = false): unknown {
  const store = storeOf(kernel, layout);
  if (kind !== undefined) takeRange(store, PFN, 1, PageKind[kind], store.addOwner("load:x"));
  if (pinned) pin(store, indexOf(store, PFN), 1);
  const refusal = softOffline(store, PFN);
  expect(counterErrors(store)).toEqual([]);
  expect(poisonedIn(store, BLOCK)).toEqual(refusal === undefined ? [PFN] : []);
  return refusal;
}

describe.for(["4.1", "6.12"])("%s soft offline", (kernel) => {
  test("a free page and an LRU page go", () => {
    expect(soft(kernel)).toBeUndefined();
    expect(soft(kernel, "anonymous")).toBeUndefined();
  });
  test("a kernel page is EIO", () => {
    expect(soft(kernel, "slab")).toMatchObject({ errno: "EIO", code: "unmovable_page" });
    expect(soft(kernel, "reserved")).toMatchObject({ errno: "EIO", code: "unmovable_page" });
  });
  test("no page there is ENXIO", () => {
    const store = storeOf(kernel, layout);
    expect(softOffline(store, 5)).toMatchObject({ errno: "ENXIO", code: "out_of_range" });
    expect(hardOfflinePage(store, 5)).toMatchObject({ errno: "ENXIO", code: "out_of_range" });
  });
  test("a hugepage of the pool is dissolved around the page", () => {
    const store = storeOf(kernel, layout);
    growHugepagePool(store, 0, pmdOrder(store), 1);
    const head = [...store.pools.values()].at(0)!.free.at(0)!;
    const pfn = PFN + (head % BLOCK_PAGES) + 7;
    expect(softOffline(store, pfn)).toBeUndefined();
    expect(store.presentPages[store.zoneSlot(0, ZONE_NORMAL)]).toBe(BLOCK_PAGES);
    expect(counterErrors(store)).toEqual([]);
  });
});

test("a pinned page is EIO in 4.1 and EBUSY in 6.x", () => {
  expect(soft("4.1", "anonymous", true)).toMatchObject({ errno: "EIO", code: "pinned_page" });
  expect(soft("6.12", "anonymous", true)).toMatchObject({ errno: "EBUSY", code: "pinned_page" });
});

test("soft offline again is EBUSY in 4.1 and success in 6.x; hard offline again is success in 4.1 and EHWPOISON in 6.x", () => {
  for (const kernel of ["4.1", "6.12"]) {
    const store = storeOf(kernel, layout);
    softOffline(store, PFN);
    const again = softOffline(store, PFN);
    const hard = hardOfflinePage(store, PFN);
    if (kernel === "4.1") {
      expect(again).toMatchObject({ errno: "EBUSY", code: "poisoned" });
      expect(hard).toBeUndefined();
    } else {
      expect(again).toBeUndefined();
      expect(hard).toMatchObject({ errno: "EHWPOISON", code: "poisoned" });
    }
    expect(store.corruptedPages).toBe(1);
  }
});

test.for([
  ["4.1", "anonymous", MigrateClass.movable],
  // has_unmovable_pages says no to isolating it, so that nothing is undone afterwards (facts §4.3).
  ["4.1", "slab", MigrateClass.unmovable],
  ["6.12", "anonymous", MigrateClass.unmovable],
] as const)("%s: soft offline of a page beside %s leaves its UNMOVABLE pageblock", ([kernel, beside, type]) => {
  const store = storeOf(kernel, layout);
  takeRange(store, PFN + 1, 1, PageKind[beside], 0);
  const pageblock = indexOf(store, PFN + 1) >> 9;
  retype(store, PFN, MigrateClass.unmovable);
  softOffline(store, PFN);
  expect(store.pageblockType[pageblock]).toBe(type);
  expect(counterErrors(store)).toEqual([]);
});

test.for(["4.1", "6.12"])(
  "%s: hard offline of a kernel page is EBUSY, and the freed page stays off the lists",
  (kernel) => {
    const store = storeOf(kernel, layout);
    takeRange(store, PFN, 1, PageKind.slab, 0);
    expect(hardOfflinePage(store, PFN)).toMatchObject({ errno: "EBUSY", code: "unmovable_page" });
    freeUsed(store, indexOf(store, PFN));
    expect(store.freePages[store.zoneSlot(0, ZONE_NORMAL)]).toBe(BLOCK_PAGES - 1);
    expect(counterErrors(store)).toEqual([]);
  },
);

test("a block with poisoned pages goes offline; what its pages are when it comes back differs", () => {
  for (const [kernel, marked, corrupted, afterRemoval] of [
    ["4.1", [PFN + 3], 1, 0],
    ["6.1", [], 1, 1],
  ] as const) {
    const store = storeOf(kernel, layout);
    takeRange(store, PFN + 3, 1, PageKind.anonymous, store.addOwner("load:x"));
    expect(hardOfflinePage(store, PFN + 3)).toBeUndefined();
    expect(isolateBlock(store, BLOCK)).toBeUndefined();
    expect(refuseUnlessIsolated(store, BLOCK)).toBeUndefined();
    expect(withdrawBlock(store, BLOCK)).toBe(BLOCK_PAGES);
    expect(poisonedIn(store, BLOCK)).toEqual([PFN + 3]);
    populateBlock(store, { block: BLOCK, node: 0, zone: ZONE_MOVABLE });
    expect(poisonedIn(store, BLOCK)).toEqual(marked);
    expect(store.corruptedPages).toBe(corrupted);
    expect(counterErrors(store)).toEqual([]);
    isolateBlock(store, BLOCK);
    withdrawBlock(store, BLOCK);
    forgetPoison(store, BLOCK);
    expect(store.corruptedPages).toBe(afterRemoval);
  }
});

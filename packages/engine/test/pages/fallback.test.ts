import { ZONE_DMA32, ZONE_NORMAL } from "@memhp/abi";
import {
  allocate,
  counterErrors,
  freeUsed,
  indexOf,
  isolateBlock,
  MigrateClass,
  type PageKindName,
  type PageStore,
  undoIsolation,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { storeOf } from "./machines.ts";

const normal = [[32, 0, ZONE_NORMAL]] as const;

function take(store: PageStore, kind: PageKindName, order = 0): number {
  const result = allocate(store, { kind, order, nodes: [0] });
  if (!result.ok) throw new Error(result.refusal.detail);
  return result.value.pfn;
}
function typeOf(store: PageStore, pfn: number): number {
  return store.pageblockType.at(indexOf(store, pfn) >> 9)!;
}

describe.for(["4.1", "6.12"])("%s", (kernel) => {
  test("the first kernel page takes a largest chunk, and both its pageblocks become unmovable", () => {
    const store = storeOf(kernel, normal);
    const pfn = take(store, "slab");
    expect(typeOf(store, pfn)).toBe(MigrateClass.unmovable);
    expect(typeOf(store, pfn + 512)).toBe(MigrateClass.unmovable);
    // 4.1 onlined the highest chunk last, and so uses it first.
    expect(pfn).toBe(kernel === "4.1" ? 33 * 32_768 - 1024 : 32 * 32_768);
  });

  test("kernel pages fill their own pageblocks before they take more", () => {
    const store = storeOf(kernel, normal);
    const first = take(store, "slab");
    for (let i = 1; i < 1024; i++) expect(Math.floor((take(store, "page_table") - first) / 1024)).toBe(0);
    expect(Math.floor((take(store, "page_table") - first) / 1024)).not.toBe(0);
  });

  test("slab that can be reclaimed keeps apart from slab that cannot", () => {
    const store = storeOf(kernel, normal);
    const [slab, dentry] = [take(store, "slab"), take(store, "slab_reclaimable")];
    expect(typeOf(store, dentry)).toBe(MigrateClass.reclaimable);
    expect(typeOf(store, slab)).toBe(MigrateClass.unmovable);
    expect(counterErrors(store)).toEqual([]);
  });

  test("a movable page that finds only a kernel pageblock does not claim it while most of it is in use", () => {
    const store = storeOf(kernel, normal);
    const slab = take(store, "slab");
    for (let i = 1; i < 400; i++) take(store, "slab");
    while (store.freePages.at(store.zoneSlot(0, ZONE_NORMAL))! > 1000) take(store, "anonymous");
    while (typeOf(store, take(store, "anonymous")) !== MigrateClass.unmovable);
    expect(typeOf(store, slab)).toBe(MigrateClass.unmovable);
    expect(counterErrors(store)).toEqual([]);
  });
});

test("6.x prefers DMA32 to breaking a Normal pageblock of another type (ALLOC_NOFRAGMENT); 4.1 does not", () => {
  const layout = [
    [2, 0, ZONE_DMA32],
    [32, 0, ZONE_NORMAL],
  ] as const;
  for (const [kernel, block] of [
    ["4.1", 32],
    ["6.12", 2],
  ] as const) {
    const store = storeOf(kernel, layout);
    // All of Normal is in use, but for one page in every other of a pageblock's pages.
    const held: number[] = [];
    for (let i = 0; i < 32_767; i++) held.push(take(store, "anonymous"));
    for (const pfn of held) if (pfn % 2 === 0) freeUsed(store, indexOf(store, pfn));
    expect(Math.floor(take(store, "slab") / 32_768)).toBe(block);
  }
});

test("undoing isolation makes a kernel pageblock MOVABLE in 4.1, and what it was in 6.x", () => {
  for (const [kernel, type] of [
    ["4.1", MigrateClass.movable],
    ["6.12", MigrateClass.unmovable],
  ] as const) {
    const store = storeOf(kernel, normal);
    const pfn = take(store, "slab");
    freeUsed(store, indexOf(store, pfn));
    expect(typeOf(store, pfn)).toBe(MigrateClass.unmovable);
    expect(isolateBlock(store, 32)).toBeUndefined();
    expect(typeOf(store, pfn)).toBe(MigrateClass.isolate);
    expect(store.freePages[store.zoneSlot(0, ZONE_NORMAL)]).toBe(0);
    undoIsolation(store, 32);
    expect(typeOf(store, pfn)).toBe(type);
    expect(store.freePages[store.zoneSlot(0, ZONE_NORMAL)]).toBe(32_768);
    expect(counterErrors(store)).toEqual([]);
  }
});

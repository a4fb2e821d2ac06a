import { ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import {
  addUnmovablePage,
  allocate,
  counterErrors,
  hardOfflinePage,
  indexOf,
  isIsolated,
  isolateBlock,
  MigrateClass,
  PageKind,
  type PageKindName,
  type PageStore,
  pin,
  refuseUnlessIsolated,
  takeRange,
  undoIsolation,
  withdrawBlock,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK_PAGES, retype, storeOf } from "./machines.ts";

const BLOCK = 32;
const PFN = BLOCK * BLOCK_PAGES;

/** One block with one page of a kind, in a pageblock of a type. */
function withPage(kernel: string, zone: ZoneIndex, kind: PageKindName, type: number = MigrateClass.movable): PageStore {
  const store = storeOf(kernel, [[BLOCK, 0, zone]]);
  takeRange(store, PFN + 5, 1, PageKind[kind], store.addOwner(`load:${kind}`));
  retype(store, PFN, type);
  return store;
}

const lru = ["anonymous", "file", "shmem", "mlocked", "secret"] as const;
const kernelPages = [
  "slab",
  "slab_reclaimable",
  "page_table",
  "pipe_buffer",
  "kernel_stack",
  "kernel",
  "memmap",
] as const;
const bootPages = ["reserved"] as const;

describe("has_unmovable_pages of 4.1", () => {
  test.for([...lru, ...kernelPages, ...bootPages, "balloon"] as const)(
    "%s in a MOVABLE pageblock is not looked at",
    (kind) => {
      expect(isolateBlock(withPage("4.1", ZONE_NORMAL, kind), BLOCK)).toBeUndefined();
    },
  );
  test.for([...kernelPages, ...bootPages, "balloon"] as const)("%s in ZONE_MOVABLE is not looked at", (kind) => {
    expect(isolateBlock(withPage("4.1", ZONE_MOVABLE, kind, MigrateClass.unmovable), BLOCK)).toBeUndefined();
  });
  test.for([...kernelPages, ...bootPages, "balloon"] as const)("%s in another pageblock refuses", (kind) => {
    const store = withPage("4.1", ZONE_NORMAL, kind, MigrateClass.unmovable);
    expect(isolateBlock(store, BLOCK)).toMatchObject({ errno: "EBUSY", code: "unmovable_page" });
    expect(isIsolated(store, BLOCK)).toBe(false);
  });
  test.for(lru)("%s in another pageblock passes", (kind) => {
    expect(isolateBlock(withPage("4.1", ZONE_NORMAL, kind, MigrateClass.unmovable), BLOCK)).toBeUndefined();
  });
});

describe("has_unmovable_pages of 6.x", () => {
  test.for([...kernelPages, ...bootPages, "device"] as const)(
    "%s in Normal refuses, even in a MOVABLE pageblock",
    (kind) => {
      expect(isolateBlock(withPage("6.12", ZONE_NORMAL, kind), BLOCK)).toMatchObject({ code: "unmovable_page" });
    },
  );
  test.for([...lru, "balloon", "offline"] as const)("%s in Normal passes", (kind) => {
    expect(isolateBlock(withPage("6.12", ZONE_NORMAL, kind), BLOCK)).toBeUndefined();
  });
  test.for(bootPages)("%s refuses in ZONE_MOVABLE too", (kind) => {
    expect(isolateBlock(withPage("6.12", ZONE_MOVABLE, kind), BLOCK)).toMatchObject({ code: "unmovable_page" });
  });
  test.for(kernelPages)("%s in ZONE_MOVABLE is taken as movable", (kind) => {
    expect(isolateBlock(withPage("6.12", ZONE_MOVABLE, kind), BLOCK)).toBeUndefined();
  });
  test("a pageblock that is isolated already refuses", () => {
    const store = storeOf("6.12");
    expect(isolateBlock(store, BLOCK)).toBeUndefined();
    expect(isolateBlock(store, BLOCK)).toMatchObject({ errno: "EBUSY", retry: "yes" });
  });
});

test.for(["4.1", "6.12"])("%s: a poisoned kernel page does not hinder isolation", (kernel) => {
  const store = withPage(kernel, ZONE_NORMAL, "slab", MigrateClass.unmovable);
  expect(hardOfflinePage(store, PFN + 5)).toMatchObject({ errno: "EBUSY" });
  expect(isolateBlock(store, BLOCK)).toBeUndefined();
});

test("the refusal names the first offenders, counts all, and says who owns them", () => {
  const store = storeOf("6.12", [[BLOCK, 1, ZONE_NORMAL]]);
  const owner = store.addOwner("load:dentry");
  takeRange(store, PFN + 600, 100, PageKind.slab_reclaimable, owner);
  expect(isolateBlock(store, BLOCK)).toEqual({
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.3: has_unmovable_pages",
    block: BLOCK,
    node: 1,
    zone: "Normal",
    pages: Array.from({ length: 8 }, (_, i) => ({
      pfn: PFN + 600 + i,
      kind: "slab_reclaimable",
      pageblock: PFN / 512 + 1,
      owner: "load:dentry",
    })),
    total: 100,
    retry: "maybe",
    remedy: ["drop_caches frees reclaimable slab", "online this range as movable before the kernel allocates from it"],
  });
  expect(counterErrors(store)).toEqual([]);
});

test("an untouched block is isolated, released and withdrawn without touching it", () => {
  const store = storeOf("6.12");
  const zone = store.zoneSlot(1, ZONE_MOVABLE);
  expect(isolateBlock(store, 41)).toBeUndefined();
  expect(store.freePages[zone]).toBe(BLOCK_PAGES);
  undoIsolation(store, 41);
  expect(store.freePages[zone]).toBe(2 * BLOCK_PAGES);
  isolateBlock(store, 41);
  expect(refuseUnlessIsolated(store, 41)).toBeUndefined();
  expect(withdrawBlock(store, 41)).toBe(BLOCK_PAGES);
  expect(store.presentPages[zone]).toBe(BLOCK_PAGES);
  expect(store.slots).toBe(0);
  expect(counterErrors(store)).toEqual([]);
});

test("the last check of 4.1 finds slab that isolation took on trust", () => {
  const store = withPage("4.1", ZONE_NORMAL, "slab");
  expect(isolateBlock(store, BLOCK)).toBeUndefined();
  expect(refuseUnlessIsolated(store, BLOCK)).toMatchObject({
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.1 step 11: a page is neither free nor isolated",
    total: 1,
  });
});

test("the last check tells a pinned page from a kernel's", () => {
  const store = withPage("6.12", ZONE_MOVABLE, "anonymous");
  pin(store, indexOf(store, PFN + 5), 1);
  isolateBlock(store, BLOCK);
  expect(refuseUnlessIsolated(store, BLOCK)).toMatchObject({ code: "pinned_page", retry: "maybe" });
});

test("nothing is allocated from an isolated block", () => {
  const store = storeOf("6.12", [[BLOCK, 0, ZONE_NORMAL]]);
  isolateBlock(store, BLOCK);
  const result = allocate(store, { kind: "anonymous", nodes: [0] });
  expect(result).toMatchObject({ ok: false, refusal: { errno: "ENOMEM", code: "no_target_memory" } });
});

test("the kernel gets no page of an isolated block, whose pages all stay on the isolate lists", () => {
  const store = storeOf("7.3", [[BLOCK, 0, ZONE_NORMAL]]);
  hardOfflinePage(store, PFN);
  isolateBlock(store, BLOCK);
  expect(addUnmovablePage(store, BLOCK, "kernel")).toBe(false);
  expect(refuseUnlessIsolated(store, BLOCK)).toBeUndefined();
  undoIsolation(store, BLOCK);
  expect(addUnmovablePage(store, BLOCK, "kernel")).toBe(true);
  expect(counterErrors(store)).toEqual([]);
});

// mm/page_isolation.c: unset_migratetype_isolate frees the merged chunk by __free_pages up to 5.4, by __putback_isolated_page with
// FPI_TO_TAIL since 5.10.
test.for([
  ["4.1", "head"],
  ["5.4", "head"],
  ["5.10", "tail"],
  ["6.1", "tail"],
  ["6.8", "tail"],
  ["6.12", "tail"],
  ["7.3", "tail"],
] as const)("%s: chunks that merge again when isolation is undone go to the %s of their list", ([kernel, place]) => {
  const other = BLOCK + 1;
  const store = storeOf(kernel, [
    [BLOCK, 0, ZONE_MOVABLE],
    [other, 0, ZONE_MOVABLE],
  ]);
  // Somebody has had a page of it: its chunks are looked at one by one.
  takeRange(store, PFN + 5, 1, PageKind.anonymous, 0);
  isolateBlock(store, BLOCK);
  undoIsolation(store, BLOCK);
  const largest = allocate(store, { kind: "anonymous", nodes: [0], order: store.maxOrder });
  const block = largest.ok ? Math.floor(largest.value.pfn / BLOCK_PAGES) : undefined;
  expect(block).toBe(place === "head" ? BLOCK : other);
  expect(counterErrors(store)).toEqual([]);
});

import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  allocate,
  allocateLoad,
  counterErrors,
  growHugepagePool,
  hugepagePool,
  indexOf,
  isolateBlock,
  type Load,
  type LoadKind,
  loadPages,
  type LoadRequest,
  migrateBatch,
  type MigrateOutcome,
  PageKind,
  type PageStore,
  pin,
  pmdOrder,
  populateBlock,
  pudOrder,
  refuseUnlessIsolated,
  scanMovable,
  takeRange,
  unpinLoad,
  withdrawBlock,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK_PAGES, contextOf, emptyStore, type Layout, storeOf } from "./machines.ts";

const MOVABLE_BLOCK = 41;
const PFN = MOVABLE_BLOCK * BLOCK_PAGES;
/** Node 1 has only Movable memory, so that its loads are in it. */
const layout: Layout = [
  [2, 0, ZONE_DMA32],
  [32, 0, ZONE_NORMAL],
  [MOVABLE_BLOCK, 1, ZONE_MOVABLE],
];

function load(store: PageStore, kind: LoadKind, pages: number, more: Partial<LoadRequest> = {}): Load {
  const policy = { mode: "bind", nodes: [1] } as const;
  const result = allocateLoad(store, { id: kind, kind, bytes: pages * 4096, policy, ...more }, contextOf(store));
  if (!result.ok) throw new Error(result.refusal.detail);
  return result.value;
}

/** Rounds of scan and batch until nothing is found, something stays, or one fails. */
function migrateAll(store: PageStore, block = MOVABLE_BLOCK, taskNode = 0): MigrateOutcome[] {
  const outcomes: MigrateOutcome[] = [];
  for (;;) {
    const scan = scanMovable(store, block);
    if (scan.found !== "page") return outcomes;
    const outcome = migrateBatch(store, block, scan.pfn, contextOf(store, taskNode));
    outcomes.push(outcome);
    if (outcome.result !== "moved") return outcomes;
  }
}

function scanPfn(store: PageStore): number {
  const scan = scanMovable(store, MOVABLE_BLOCK);
  return scan.found === "page" ? scan.pfn : -1;
}

/** Pages of a kind in a zone. */
function pagesIn(store: PageStore, node: number, zone: 0 | 1 | 2 | 3, kind: keyof typeof PageKind): number {
  return store.kindPages.at(store.zoneSlot(node, zone) * 32 + PageKind[kind])!;
}

describe.for(["4.1", "6.12"])("%s", (kernel) => {
  test.for(["anon", "file", "shm", "mlock"] as const)("%s pages leave a block with owner and kind", (kind) => {
    const store = storeOf(kernel, layout);
    const held = load(store, kind, 1000);
    isolateBlock(store, MOVABLE_BLOCK);
    const outcomes = migrateAll(store);
    expect(outcomes.reduce((sum, { migratedPages }) => sum + migratedPages, 0)).toBe(1000);
    expect(refuseUnlessIsolated(store, MOVABLE_BLOCK)).toBeUndefined();
    expect(loadPages(store, held)).toBe(1000);
    expect(counterErrors(store)).toEqual([]);
    expect(withdrawBlock(store, MOVABLE_BLOCK)).toBe(BLOCK_PAGES);
    expect(counterErrors(store)).toEqual([]);
    expect(store.migrateSuccess).toBe(1000);
  });

  test("a pinned page stays after all passes, and moves once it is unpinned", () => {
    const store = storeOf(kernel, layout);
    const held = load(store, "pinned", 3);
    isolateBlock(store, MOVABLE_BLOCK);
    const [outcome] = migrateAll(store);
    expect(outcome).toMatchObject({
      migratedPages: 0,
      failedPages: 3,
      passes: 10,
      result: "left",
      refusal: {
        errno: "EAGAIN",
        code: "pinned_page",
        total: 3,
        retry: "maybe",
        pages: [{ owner: "load:pinned" }, {}, {}],
      },
    });
    unpinLoad(store, held);
    expect(migrateAll(store)).toMatchObject([{ result: "moved", migratedPages: 3 }]);
  });

  test("without a target page migration ends with ENOMEM", () => {
    const store = storeOf(kernel, [[MOVABLE_BLOCK, 1, ZONE_MOVABLE]]);
    load(store, "anon", 10);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([
      { result: "error", migratedPages: 0, refusal: { errno: "ENOMEM", code: "no_target_memory" } },
    ]);
    expect(counterErrors(store)).toEqual([]);
  });
});

describe("4.1", () => {
  test("one batch is 256 pages", () => {
    const store = storeOf("4.1", layout);
    load(store, "anon", 600);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store).map(({ migratedPages }) => migratedPages)).toEqual([256, 256, 88]);
  });

  test("a slab page among the next 256 puts the whole batch back", () => {
    const store = storeOf("4.1", [
      [MOVABLE_BLOCK, 1, ZONE_MOVABLE],
      [32, 0, ZONE_NORMAL],
    ]);
    takeRange(store, PFN + 10, 20, PageKind.anonymous, 0);
    takeRange(store, PFN + 200, 1, PageKind.slab, store.addOwner("load:slab"));
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([
      {
        result: "error",
        migratedPages: 0,
        refusal: {
          errno: "EBUSY",
          code: "unmovable_page",
          pages: [{ pfn: PFN + 200, kind: "slab", owner: "load:slab" }],
        },
      },
    ]);
    expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(20);
  });

  test("targets are in the task's own node, and never in ZONE_MOVABLE", () => {
    const store = storeOf("4.1", [...layout, [42, 1, ZONE_MOVABLE]]);
    takeRange(store, PFN, 10, PageKind.anonymous, 0);
    isolateBlock(store, MOVABLE_BLOCK);
    migrateAll(store, MOVABLE_BLOCK, 1);
    expect(pagesIn(store, 0, ZONE_NORMAL, "anonymous")).toBe(10);
  });

  test("a THP moves as 512 base pages", () => {
    const store = storeOf("4.1", layout);
    load(store, "thp", 1024);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store).map(({ migratedPages }) => migratedPages)).toEqual([256, 256, 256, 256]);
    expect(pagesIn(store, 0, ZONE_NORMAL, "anonymous")).toBe(1024);
    expect(counterErrors(store)).toEqual([]);
  });

  test("a pinned THP is not split, and stays", () => {
    const store = storeOf("4.1", layout);
    load(store, "thp", 512);
    pin(store, indexOf(store, scanPfn(store)), 1);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([{ result: "left", failedPages: 512 }]);
    expect(pagesIn(store, 1, ZONE_MOVABLE, "thp")).toBe(512);
  });

  test("the scan takes an LRU page at pfn 0 for nothing found", () => {
    const store = storeOf("4.1", [[0, 0, ZONE_DMA32]]);
    takeRange(store, 0, 1, PageKind.anonymous, 0);
    expect(scanMovable(store, 0)).toEqual({ found: "nothing" });
  });

  test("a hugepage moves only into the pool of the next node", () => {
    for (const [poolNode, expected] of [
      [2, "moved"],
      [0, "error"],
    ] as const) {
      const store = storeOf("4.1", [...layout, [50, 2, ZONE_NORMAL]]);
      growHugepagePool(store, 1, pmdOrder(store), 1);
      load(store, "hugetlb", 512);
      growHugepagePool(store, poolNode, pmdOrder(store), 1);
      isolateBlock(store, MOVABLE_BLOCK);
      const [outcome] = migrateAll(store);
      expect(outcome?.result).toBe(expected);
      if (expected === "error") expect(outcome?.refusal).toMatchObject({ errno: "ENOMEM", code: "no_target_memory" });
      expect(counterErrors(store)).toEqual([]);
    }
  });

  test("balloon pages do not move", () => {
    const store = storeOf("4.1", layout);
    load(store, "balloon", 1);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(scanMovable(store, MOVABLE_BLOCK)).toEqual({ found: "nothing" });
    expect(refuseUnlessIsolated(store, MOVABLE_BLOCK)).toMatchObject({ errno: "EBUSY", code: "unmovable_page" });
  });
});

describe("6.x", () => {
  test("one call goes to the end of the block, and other nodes come first", () => {
    const store = storeOf("6.12", [...layout, [42, 1, ZONE_MOVABLE]]);
    takeRange(store, PFN, 1000, PageKind.anonymous, 0);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([{ migratedPages: 1000, result: "moved" }]);
    expect(pagesIn(store, 0, ZONE_NORMAL, "anonymous")).toBe(1000);
  });

  test("the only node takes its own pages, those of Movable in Movable", () => {
    const store = storeOf("6.12", [
      [MOVABLE_BLOCK, 1, ZONE_MOVABLE],
      [42, 1, ZONE_MOVABLE],
    ]);
    takeRange(store, PFN, 10, PageKind.anonymous, 0);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([{ migratedPages: 10 }]);
    expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(10);
  });

  test("pages of a kernel zone do not go to another node's Movable zone", () => {
    const store = storeOf("6.12", [
      [32, 0, ZONE_NORMAL],
      [MOVABLE_BLOCK, 1, ZONE_MOVABLE],
    ]);
    takeRange(store, 32 * BLOCK_PAGES, 1, PageKind.anonymous, 0);
    isolateBlock(store, 32);
    expect(migrateAll(store, 32)).toMatchObject([{ result: "error", refusal: { code: "no_target_memory" } }]);
  });

  test("a THP moves whole, and is split where no chunk of its size is free", () => {
    const whole = storeOf("6.12", layout);
    load(whole, "thp", 512);
    isolateBlock(whole, MOVABLE_BLOCK);
    expect(migrateAll(whole)).toMatchObject([{ migratedPages: 512 }]);
    expect(pagesIn(whole, 0, ZONE_NORMAL, "thp")).toBe(512);

    const split = emptyStore("6.12");
    for (const [block, node, zone] of layout.slice(1)) populateBlock(split, { block, node, zone });
    load(split, "thp", 512);
    for (let at = 0; at < BLOCK_PAGES; at += 256) takeRange(split, 32 * BLOCK_PAGES + at, 1, PageKind.kernel, 0);
    isolateBlock(split, MOVABLE_BLOCK);
    expect(migrateAll(split)).toMatchObject([{ migratedPages: 512, result: "moved" }]);
    expect(pagesIn(split, 0, ZONE_NORMAL, "anonymous")).toBe(512);
    expect(counterErrors(split)).toEqual([]);
  });

  test("balloon pages move; secret ones are found again and again", () => {
    const store = storeOf("6.12", layout);
    load(store, "balloon", 5);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([{ migratedPages: 5 }]);
    takeRange(store, PFN + 9, 1, PageKind.secret, 0);
    expect(migrateAll(store)).toMatchObject([{ migratedPages: 0, result: "left" }]);
  });

  test("a hugepage moves to a free one of another node, or a new one there; the pools keep their sizes", () => {
    const store = storeOf("6.12", [...layout, [42, 0, ZONE_MOVABLE]]);
    const order = pmdOrder(store);
    growHugepagePool(store, 1, order, 2);
    load(store, "hugetlb", 1024);
    growHugepagePool(store, 0, order, 1);
    isolateBlock(store, MOVABLE_BLOCK);
    expect(migrateAll(store)).toMatchObject([{ migratedPages: 1024, result: "moved" }]);
    expect(hugepagePool(store, 0, order)).toEqual({ free: [], total: 2 });
    expect(hugepagePool(store, 1, order).total).toBe(1);
    expect(counterErrors(store)).toEqual([]);
  });

  test("a held PageOffline page ends the offline", () => {
    const store = storeOf("6.12", layout);
    takeRange(store, PFN + 3, 1, PageKind.offline, 0);
    expect(scanMovable(store, MOVABLE_BLOCK)).toEqual({ found: "nothing" });
    store.linkB[indexOf(store, PFN + 3)] = 1;
    expect(scanMovable(store, MOVABLE_BLOCK)).toMatchObject({ found: "unmovable", refusal: { errno: "EBUSY" } });
  });
});

test("a 1 GiB page in use stops 4.1 with EBUSY, and moves to another node's pool in 6.x", () => {
  const gigantic = 8;
  const node1 = Array.from({ length: gigantic }, (_, i) => [48 + i, 1, ZONE_NORMAL] as const);
  const node2 = Array.from({ length: gigantic }, (_, i) => [64 + i, 2, ZONE_NORMAL] as const);
  for (const kernel of ["4.1", "6.12"]) {
    const store = storeOf(kernel, [...node1, ...node2, [32, 0, ZONE_NORMAL]]);
    const order = pudOrder(store);
    expect(growHugepagePool(store, 1, order, 2)).toBe(1);
    load(store, "hugetlb_1g", 2 ** order);
    expect(growHugepagePool(store, 2, order, 1)).toBe(1);
    isolateBlock(store, 48);
    const [outcome] = migrateAll(store, 48);
    if (kernel === "4.1") expect(outcome).toMatchObject({ result: "error", refusal: { errno: "EBUSY" } });
    else expect(outcome).toMatchObject({ result: "moved", migratedPages: 2 ** order });
    expect(counterErrors(store)).toEqual([]);
  }
});

test("allocation answers with a pfn inside the zone it was allowed", () => {
  const store = storeOf("6.12", layout);
  const result = allocate(store, { kind: "slab", nodes: [1, 0], highestZone: ZONE_DMA32 });
  expect(result.ok && Math.floor(result.value.pfn / BLOCK_PAGES)).toBe(2);
});

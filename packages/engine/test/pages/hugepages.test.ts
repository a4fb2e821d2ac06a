import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  allocateLoad,
  counterErrors,
  dissolveHugepages,
  freeHugepages,
  growHugepagePool,
  hugepagePool,
  isolateBlock,
  pmdOrder,
  pudOrder,
  refuseUnlessIsolated,
  releaseLoad,
  shrinkHugepagePool,
} from "@memhp/engine";
import { expect, test } from "vitest";
import { contextOf, storeOf } from "./machines.ts";

const layout = [[41, 1, ZONE_MOVABLE]] as const;

test("free hugepages of a block are dissolved; only 6.x lowers the pool's target with them", () => {
  for (const [kernel, target] of [
    ["4.1", 3],
    ["6.12", 0],
  ] as const) {
    const store = storeOf(kernel, layout);
    const order = pmdOrder(store);
    expect(growHugepagePool(store, 1, order, 3)).toBe(3);
    isolateBlock(store, 41);
    expect(refuseUnlessIsolated(store, 41)).toMatchObject({ code: "unmovable_page", retry: "maybe" });
    expect(dissolveHugepages(store, 41)).toBeUndefined();
    expect(refuseUnlessIsolated(store, 41)).toBeUndefined();
    expect(hugepagePool(store, 1, order)).toEqual({ free: [], total: 0 });
    expect(store.targetHugepages.get(order)).toBe(target);
    expect(counterErrors(store)).toEqual([]);
  }
});

test("6.x does not dissolve reserved hugepages; 4.1 does not ask", () => {
  for (const kernel of ["4.1", "6.12"]) {
    const store = storeOf(kernel, layout);
    const order = pmdOrder(store);
    growHugepagePool(store, 1, order, 3);
    store.reservedHugepages.set(order, 2);
    isolateBlock(store, 41);
    const refusal = dissolveHugepages(store, 41);
    if (kernel === "4.1") expect(refusal).toBeUndefined();
    else
      expect(refusal).toMatchObject({ errno: "EBUSY", code: "no_target_memory", pages: [{ kind: "hugetlb_2m_free" }] });
    expect(freeHugepages(store, order)).toBe(kernel === "4.1" ? 0 : 2);
    expect(counterErrors(store)).toEqual([]);
  }
});

test("a load takes hugepages from the pool and gives them back to it", () => {
  const store = storeOf("6.12", layout);
  const order = pmdOrder(store);
  growHugepagePool(store, 1, order, 4);
  const policy = { mode: "bind", nodes: [1] } as const;
  const request = { id: "h", kind: "hugetlb", bytes: 3 * 512 * 4096, policy } as const;
  const result = allocateLoad(store, request, contextOf(store));
  if (!result.ok) throw new Error("no room");
  expect(freeHugepages(store, order)).toBe(1);
  releaseLoad(store, result.value);
  expect(freeHugepages(store, order)).toBe(4);
  expect(shrinkHugepagePool(store, 1, order, 10)).toBe(4);
  expect(counterErrors(store)).toEqual([]);
});

test("a 1 GiB hugepage is eight free blocks of one kernel zone, and none of Movable", () => {
  const eight = Array.from({ length: 8 }, (_, i) => [32 + i, 0, ZONE_NORMAL] as const);
  const store = storeOf("6.12", eight);
  expect(growHugepagePool(store, 0, pudOrder(store), 2)).toBe(1);
  expect(counterErrors(store)).toEqual([]);
  expect(shrinkHugepagePool(store, 0, pudOrder(store), 1)).toBe(1);
  expect(counterErrors(store)).toEqual([]);
  const movable = Array.from({ length: 8 }, (_, i) => [32 + i, 0, ZONE_MOVABLE] as const);
  expect(growHugepagePool(storeOf("6.12", movable), 0, pudOrder(store), 1)).toBe(0);
});

import { MIB, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  allocateLoad,
  churnLoads,
  counterErrors,
  type Load,
  type LoadRequest,
  loadPages,
  PageKind,
  type PageStore,
  pin,
  Prng,
  releaseLoad,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { contextOf, storeOf } from "./machines.ts";

function start(store: PageStore, request: Partial<LoadRequest>): Load {
  const whole: LoadRequest = { id: "a", kind: "anon", bytes: MIB, policy: { mode: "prefer", nodes: [1] }, ...request };
  const result = allocateLoad(store, whole, contextOf(store));
  if (!result.ok) throw new Error(result.refusal.detail);
  return result.value;
}
function pagesIn(store: PageStore, node: number, zone: 1 | 2 | 3, kind: keyof typeof PageKind): number {
  return store.kindPages.at(store.zoneSlot(node, zone) * 32 + PageKind[kind])!;
}

describe.for(["4.1", "6.12"])("%s", (kernel) => {
  test("user memory comes from Movable first, the kernel's own never", () => {
    const store = storeOf(kernel);
    start(store, { kind: "anon" });
    start(store, { kind: "pagetable" });
    expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(256);
    expect(pagesIn(store, 1, ZONE_NORMAL, "page_table")).toBe(256);
  });

  test("interleave spreads pages by turns over its nodes", () => {
    const store = storeOf(kernel);
    start(store, { policy: { mode: "interleave", nodes: [0, 1] } });
    expect(pagesIn(store, 0, ZONE_NORMAL, "anonymous")).toBe(128);
    expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(128);
  });

  test("bind refuses what its nodes cannot hold, and takes nothing", () => {
    const store = storeOf(kernel);
    const request = { id: "big", kind: "file", bytes: 512 * MIB, policy: { mode: "bind", nodes: [1] } } as const;
    expect(allocateLoad(store, request, contextOf(store))).toMatchObject({
      ok: false,
      refusal: { errno: "ENOMEM", code: "no_target_memory", node: 1, retry: "maybe" },
    });
    expect(store.freePages[store.zoneSlot(1, ZONE_MOVABLE)]).toBe(2 * 32_768);
    expect(store.owners.filter((name) => name !== undefined)).toEqual(["kernel"]);
    expect(counterErrors(store)).toEqual([]);
  });

  test("a page to which somebody else has a reference outlives its load, until that ends", () => {
    const store = storeOf(kernel);
    const load = start(store, { kind: "anon" });
    const index = store.linkA.findIndex((word) => (word & 0xffff) === load.owner);
    pin(store, index, 1);
    releaseLoad(store, load);
    expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(1);
    expect(counterErrors(store)).toEqual([]);
    pin(store, index, -1);
    expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(0);
    expect(store.freePages[store.zoneSlot(1, ZONE_MOVABLE)]).toBe(2 * 32_768);
    expect(counterErrors(store)).toEqual([]);
  });

  test("references that a load has to its own pages end with it", () => {
    const store = storeOf(kernel);
    releaseLoad(store, start(store, { kind: "pinned" }));
    expect(store.freePages[store.zoneSlot(1, ZONE_MOVABLE)]).toBe(2 * 32_768);
    expect(counterErrors(store)).toEqual([]);
  });

  test("prefer goes on to other nodes", () => {
    const store = storeOf(kernel);
    const load = start(store, { bytes: 512 * MIB });
    expect(loadPages(store, load)).toBe(131_072);
    releaseLoad(store, load);
    expect(counterErrors(store)).toEqual([]);
  });

  test("a THP load falls back to base pages where no chunk of 2 MiB is left", () => {
    const store = storeOf(kernel, [[41, 1, ZONE_MOVABLE]]);
    start(store, { id: "b", bytes: 127 * MIB });
    const load = start(store, { id: "t", kind: "thp", bytes: MIB / 2, policy: { mode: "bind", nodes: [1] } });
    expect(pagesIn(store, 1, ZONE_MOVABLE, "thp")).toBe(0);
    expect(loadPages(store, load)).toBe(128);
  });

  test("churn is the seed's: the same seed leaves the same pages", () => {
    const run = (seed: number): string => {
      const store = storeOf(kernel);
      const load = start(store, { bytes: 4 * MIB });
      const other = start(store, { id: "s", kind: "file" });
      const prng = new Prng(seed);
      for (let i = 0; i < 5; i++) {
        expect(churnLoads(store, [load, other], 0.3, prng, contextOf(store))).toBe(0);
      }
      expect(counterErrors(store)).toEqual([]);
      return Buffer.from(store.state).toString("base64");
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });
});

test("long pins stay out of ZONE_MOVABLE in 6.x", () => {
  for (const [kernel, pin, zone] of [
    ["6.12", "long", ZONE_NORMAL],
    ["6.12", "short", ZONE_MOVABLE],
    ["4.1", "long", ZONE_MOVABLE],
  ] as const) {
    const store = storeOf(kernel);
    start(store, { kind: "pinned", pin });
    expect(pagesIn(store, 1, zone, "anonymous")).toBe(256);
  }
});

test("a watermark keeps pages of a zone back", () => {
  const store = storeOf("6.12");
  const floors = new Float64Array(store.zoneSlots);
  floors[store.zoneSlot(1, ZONE_MOVABLE)] = 2 * 32_768 - 100;
  const request = { id: "w", kind: "anon", bytes: MIB, policy: { mode: "prefer", nodes: [1] } } as const;
  expect(allocateLoad(store, request, { ...contextOf(store), floors }).ok).toBe(true);
  expect(pagesIn(store, 1, ZONE_MOVABLE, "anonymous")).toBe(100);
  expect(pagesIn(store, 1, ZONE_NORMAL, "anonymous") + pagesIn(store, 0, ZONE_DMA32, "anonymous")).toBe(156);
});

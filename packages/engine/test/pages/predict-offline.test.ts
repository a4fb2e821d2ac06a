import { ZONE_MOVABLE } from "@memhp/abi";
import {
  predictOffline,
  hardOfflinePage,
  indexOf,
  PageKind,
  type PageKindName,
  type PageStore,
  pin,
  takeRange,
} from "@memhp/engine";
import { expect, test } from "vitest";
import { BLOCK_PAGES, storeOf } from "./machines.ts";

const PFN = 41 * BLOCK_PAGES;
const movable = (kernel: "4.1" | "6.12"): PageStore => storeOf(kernel, [[41, 1, ZONE_MOVABLE]]);

/** Puts pages of a kind at an offset of the block. */
function hold(store: PageStore, at: number, pages: number, kind: PageKindName, pins = 0): void {
  takeRange(store, PFN + at, pages, PageKind[kind], store.ownerOf(`load:${kind}`));
  if (pins > 0) for (let i = 0; i < pages; i++) pin(store, indexOf(store, PFN + at + i), 1);
}

test.each(["4.1", "6.12"] as const)(
  "%s: nothing stands in the way of an untouched block, or of one whose pages move",
  (kernel) => {
    const store = movable(kernel);
    expect(predictOffline(store, 41)).toBeUndefined();
    hold(store, 0, 300, "anonymous");
    expect(predictOffline(store, 41)).toBeUndefined();
  },
);

test("a pinned page costs 4.1 two minutes and 6.x for ever, and is named", () => {
  const refusals = (["4.1", "6.12"] as const).map((kernel) => {
    const store = movable(kernel);
    hold(store, 5, 3, "anonymous", 1);
    return predictOffline(store, 41);
  });
  expect(refusals).toMatchObject([
    { errno: "EAGAIN", code: "pinned_page", total: 3, retry: "maybe" },
    { errno: "EINTR", code: "pinned_page", total: 3, retry: "maybe" },
  ]);
  expect(refusals[0]?.pages?.[0]).toMatchObject({ pfn: PFN + 5, kind: "anonymous", owner: "load:anonymous" });
});

test("a kernel page in ZONE_MOVABLE: 4.1 refuses at its last check, 6.x never ends", () => {
  const refusals = (["4.1", "6.12"] as const).map((kernel) => {
    const store = movable(kernel);
    hold(store, 9, 1, "kernel");
    return predictOffline(store, 41);
  });
  expect(refusals).toMatchObject([
    { errno: "EBUSY", code: "unmovable_page", total: 1 },
    { errno: "EINTR", code: "unmovable_page", total: 1 },
  ]);
});

test("4.1 comes to a kernel page behind a pinned one, unless 256 pinned pages are before it", () => {
  const near = movable("4.1");
  hold(near, 0, 255, "anonymous", 1);
  hold(near, 300, 1, "kernel");
  expect(predictOffline(near, 41)).toMatchObject({ errno: "EBUSY", code: "unmovable_page" });
  const far = movable("4.1");
  hold(far, 0, 256, "anonymous", 1);
  hold(far, 300, 1, "kernel");
  hold(far, 400, 10, "anonymous", 1);
  expect(predictOffline(far, 41)).toMatchObject({ errno: "EAGAIN", code: "pinned_page", total: 266 });
});

test("poisoned pages and, in 6.x, pages that the hypervisor has do not stand in the way", () => {
  for (const kernel of ["4.1", "6.12"] as const) {
    const store = movable(kernel);
    hardOfflinePage(store, PFN + 1);
    if (kernel === "6.12") hold(store, 8, 4, "offline");
    expect(predictOffline(store, 41)).toBeUndefined();
  }
  const referred = movable("6.12");
  hold(referred, 8, 1, "offline", 1);
  expect(predictOffline(referred, 41)).toMatchObject({ errno: "EBUSY", code: "unmovable_page" });
});

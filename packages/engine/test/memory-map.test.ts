import { ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  blockEndPfn,
  blockStartPfn,
  BlockState,
  copyNode,
  growSpan,
  isBlockOnline,
  nodeOf,
  pageHome,
  partsOfBlock,
  resizeSpan,
  retagBlock,
  type Span,
  zoneIntersects,
  zoneOfBlock,
} from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK, boot, HIGH, oneNode2G, oneNode5G } from "./boards.ts";
import { driverOf } from "./hotplug-driver.ts";

test("a block's id is its physical address divided by the block size (facts §1.4)", () => {
  const map = boot("4.1");
  expect([blockStartPfn(map, 32), blockEndPfn(map, 32)]).toEqual([HIGH, HIGH + BLOCK]);
  const large = boot("4.1", oneNode5G, { blockPages: 8 * BLOCK });
  expect([blockStartPfn(large, 4), blockEndPfn(large, 4)]).toEqual([HIGH, HIGH + 8 * BLOCK]);
});

test("a page of 4.1 has a zone from hot-add on, a page of 6.x from online on (facts §11, 1)", () => {
  const at41 = driverOf(boot("4.1"));
  at41.add(0, HIGH, 1);
  expect(pageHome(at41.map, HIGH)).toEqual({ node: 0, zone: ZONE_NORMAL });
  expect(partsOfBlock(at41.map, 32)).toHaveLength(1);

  const at6 = driverOf(boot("6.1"));
  at6.add(0, HIGH, 1);
  expect(pageHome(at6.map, HIGH)).toBeUndefined();
  expect(partsOfBlock(at6.map, 32)).toEqual([]);
  expect(() => zoneOfBlock(at6.map, 32)).toThrow("pages are in one zone");
  at6.online(32, "movable");
  expect(pageHome(at6.map, HIGH)).toEqual({ node: 0, zone: ZONE_MOVABLE });
});

test("an absent section has no home", () => {
  expect(pageHome(boot("4.1"), 0x90000)).toBeUndefined();
});

test("a block that is going offline still counts as online (facts §4.1: counters fall at the end)", () => {
  const map = boot("4.1");
  const { absent, ...states } = BlockState;
  const seen = Object.values(states).map((state) => {
    map.blocks.setState(3, state);
    return isBlockOnline(map, 3);
  });
  expect(seen).toEqual([false, false, true, true]);
  map.blocks.setState(3, absent);
  expect(isBlockOnline(map, 3)).toBe(false);
});

test("a block in two zones has no one zone", () => {
  const map = boot("4.1");
  expect(() => zoneOfBlock(map, 0)).toThrow("block: expected one whose pages are in one zone, found 0");
  expect(zoneOfBlock(map, 3).index).toBe(ZONE_DMA32);
});

test("re-tagging a block moves every page of it, holes too (facts §3.1 step 3)", () => {
  const map = boot("4.1");
  retagBlock(map, 15, ZONE_MOVABLE);
  expect([pageHome(map, 0x78000)?.zone, pageHome(map, 0x7ffff)?.zone]).toEqual([ZONE_MOVABLE, ZONE_MOVABLE]);
});

test("a copy of a node shares nothing with it", () => {
  const node = nodeOf(boot("4.1"), 0);
  const copy = copyNode(node);
  expect(copy).toEqual(node);
  copy.zones[ZONE_DMA32].presentPages = 0;
  copy.presentPages = 0;
  expect(node.zones[ZONE_DMA32].presentPages).toBe(520160);
  expect(node.presentPages).toBe(524158);
});

test("a node of another shard is refused with those that there are", () => {
  expect(() => nodeOf(boot("4.1"), 3)).toThrow("node: expected one of 0, found 3");
});

test("an empty zone touches nothing, not even the pfn that it remembers", () => {
  const { zones } = nodeOf(boot("4.1", oneNode2G), 0);
  zones[ZONE_MOVABLE].startPfn = HIGH;
  expect(zoneIntersects(zones[ZONE_MOVABLE], HIGH, BLOCK)).toBe(false);
  expect(zoneIntersects(zones[ZONE_DMA32], 0x7ffdf, 1)).toBe(true);
  expect(zoneIntersects(zones[ZONE_DMA32], 0x7ffe0, 1)).toBe(false);
  expect(zoneIntersects(zones[ZONE_DMA32], 0, 0x1000)).toBe(false);
});

test("resize_zone writes an empty zone as start 0, span 0 (facts §3.1 step 3)", () => {
  const span: Span = { startPfn: HIGH, spannedPages: BLOCK };
  resizeSpan(span, HIGH + BLOCK, HIGH + BLOCK);
  expect(span).toEqual({ startPfn: 0, spannedPages: 0 });
});

test("property: a span grows to the hull of all that it was given and swallows what lies between (observed-4.1 §2)", () => {
  const piece = fc.record({ startPfn: fc.nat(1 << 24), pages: fc.integer({ min: 1, max: 1 << 16 }) });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
      const span: Span = { startPfn: 77, spannedPages: 0 };
      for (const { startPfn, pages } of pieces) growSpan(span, startPfn, startPfn + pages);
      expect(span.startPfn).toBe(Math.min(...pieces.map(({ startPfn }) => startPfn)));
      const end = Math.max(...pieces.map(({ startPfn, pages }) => startPfn + pages));
      expect(span.startPfn + span.spannedPages).toBe(end);
    }),
    { seed: 5 },
  );
});

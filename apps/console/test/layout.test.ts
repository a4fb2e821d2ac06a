import { describe, expect, test } from "vitest";
import {
  blocksIn,
  fitLayout,
  hit,
  type Layout,
  layOut,
  neighbour,
  rectOf,
  sizeOf,
  squareEnd,
  zoomStep,
} from "../src/map/layout.ts";
import type { Segment } from "../src/session/block-columns.ts";

function segments(...counts: readonly (readonly [node: number, count: number])[]): { segments: Segment[] } {
  let start = 0;
  return {
    segments: counts.map(([node, count], i) => {
      const segment = { node, label: `s${i}`, isDimm: i % 2 === 1, start, end: start + count, hole: 0 };
      start += count;
      return segment;
    }),
  };
}

const small = segments([0, 16], [0, 8], [1, 16], [1, 8]);
const fourTib = segments(
  ...Array.from(
    { length: 64 },
    (_, node) =>
      [
        [node, 64],
        [node, 448],
      ] as const,
  ).flat(),
);

function everyBlock(layout: Layout): number[] {
  return Array.from({ length: layout.segments.at(-1)?.segment.end ?? 0 }, (_, i) => i);
}

describe("the layout of the map", () => {
  test.each([
    ["48 blocks", small, 700],
    ["32,768 blocks", fourTib, 700],
    ["32,768 blocks on a narrow page", fourTib, 90],
    ["one node of 32,768 blocks", segments([0, 32_768]), 700],
  ])("%s: every block is hit at the centre of its own square", (_name, columns, width) => {
    const layout = layOut(columns, width, 400, sizeOf(8));
    for (const index of everyBlock(layout)) {
      const rect = rectOf(layout, index);
      expect(rect).toBeDefined();
      if (rect !== undefined && hit(layout, rect.x + 4, rect.y + 4) !== index)
        expect.fail(`block ${index} is not hit at its place`);
    }
  });

  test("no two squares overlap", () => {
    const layout = layOut(fourTib, 640, 400, sizeOf(6));
    const taken = new Set(everyBlock(layout).map((index) => `${rectOf(layout, index)?.x},${rectOf(layout, index)?.y}`));
    expect(taken.size).toBe(32_768);
  });

  test("squares are as large as the page allows", () => {
    expect(fitLayout(small, 820, 400).cell).toBe(44);
    expect(fitLayout(small, 700, 120).cell).toBeLessThan(44);
    // Whatever fits is small; what does not is seen as nodes first.
    expect(fitLayout(fourTib, 700, 400).cell).toBeLessThanOrEqual(4);
  });

  // What is left for the map of windows 390, 844, 1280 and 1920 pixels wide.
  test.each([
    [384, 200],
    [830, 130],
    [600, 220],
    [1240, 480],
  ])("everything is seen at once on %i × %i pixels", (width, height) => {
    const thousand = Array.from(
      { length: 1024 },
      (_, node) =>
        [
          [node, 32],
          [node, 64],
        ] as const,
    ).flat();
    const half = Array.from(
      { length: 1024 },
      (_, node) =>
        [
          [node, 256],
          [node, 256],
        ] as const,
    ).flat();
    for (const columns of [segments(...thousand), segments(...half), segments([0, 524_288])]) {
      const layout = fitLayout(columns, width, height);
      const blocks = layout.segments.at(-1)?.segment.end ?? 0;
      expect(layout.fits && layout.height <= height).toBe(true);
      expect(Math.max(...layout.segments.map(({ x, columns: wide }) => x + wide * layout.cell))).toBeLessThanOrEqual(
        width,
      );
      for (let index = 0; index < blocks; index += 4099) {
        const rect = rectOf(layout, index);
        const first = hit(layout, (rect?.x ?? -1) + 1, (rect?.y ?? -1) + 1);
        expect(first <= index && index < squareEnd(layout, index)).toBe(true);
        expect(squareEnd(layout, index) - first).toBeLessThanOrEqual(layout.per);
      }
      expect(zoomStep(layout, 1)).toBe("out");
    }
  });

  test("nodes stand side by side where there is room", () => {
    const [first, second] = layOut(small, 2000, 400, sizeOf(22)).nodes;
    expect(second?.y).toBe(first?.y);
    const [above, below] = layOut(small, 400, 400, sizeOf(22)).nodes;
    expect(below?.y).toBeGreaterThan(above?.y ?? 0);
  });

  test("a rectangle finds the blocks that it touches", () => {
    const layout = layOut(small, 2000, 400, sizeOf(22));
    const first = rectOf(layout, 2);
    if (first === undefined) throw new Error("no block 2");
    expect(blocksIn(layout, { x: first.x + 3, y: first.y + 3, width: 45, height: 2 })).toEqual([2, 3, 4]);
    expect(blocksIn(layout, { x: -50, y: -50, width: 5000, height: 5000 })).toEqual(everyBlock(layout));
  });

  test("left and right go from block to block, over the borders of DIMMs and nodes", () => {
    const layout = layOut(small, 700, 400, sizeOf(22));
    expect(neighbour(layout, 15, "right")).toBe(16);
    expect(neighbour(layout, 24, "left")).toBe(23);
    expect(neighbour(layout, 0, "left")).toBe(0);
    expect(neighbour(layout, 47, "right")).toBe(47);
    expect([neighbour(layout, 20, "first"), neighbour(layout, 20, "last")]).toEqual([0, 47]);
  });

  test("down and up lead to the nearest square of the next row and back", () => {
    const layout = layOut(segments([0, 128], [1, 128]), 300, 400, sizeOf(10));
    const columns = layout.segments[0]?.columns ?? 0;
    expect(neighbour(layout, 3, "down")).toBe(3 + columns);
    expect(neighbour(layout, 3 + columns, "up")).toBe(3);
    const below = neighbour(layout, 128 - columns + 2, "down");
    expect(rectOf(layout, below)?.y).toBeGreaterThan(rectOf(layout, 128 - columns + 2)?.y ?? 0);
    expect(neighbour(layout, 3, "up")).toBe(3);
  });
});

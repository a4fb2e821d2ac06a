import { describe, expect, test } from "vitest";
import { blockSums, tileGrid } from "../src/map/node-sums.ts";
import { above, findPlace, firstLevel, levelOfNode, pathTo } from "../src/map/places.ts";
import type { BlockColumns } from "../src/session/block-columns.ts";
import { bootTwoNodes } from "./machines.ts";

async function columnsOf(): Promise<BlockColumns> {
  const session = await bootTwoNodes("6.12", { cmdline: "memhp_default_state=offline" });
  const columns = session.columns();
  await session.close();
  return columns;
}

describe("places", () => {
  test.each([
    ["node:1", { node: 1 }],
    ["n1", { node: 1 }],
    ["memory59", { block: 59 }],
    ["59", { block: 59 }],
    ["n1d0", { block: 56 }],
    ["0x180000000", { block: 48 }],
    ["node:7", "There is no node 7 with memory."],
    ["memory16", "There is no memory16."],
    ["0x80000000", "At 0x80000000 is no memory: it would be block 16."],
    ["there", "there is no node:N, memoryN, device or address such as 0x100000000."],
  ])("%s", async (text, place) => {
    expect(findPlace(text, await columnsOf(), 2 ** 27)).toEqual(place);
  });

  test("a small machine is seen as blocks, a large one as nodes first", async () => {
    const columns = await columnsOf();
    expect(firstLevel(columns)).toEqual({ at: "blocks", node: undefined });
    expect(pathTo({ at: "pages", block: 59 }, columns).map(([name]) => name)).toEqual([
      "machine",
      "node 1",
      "memory59",
    ]);
    expect(firstLevel({ ...columns, ids: new Int32Array(524_288) })).toEqual({ at: "nodes" });
    expect(above({ at: "blocks", node: 1, device: "n1d0" }, columns)).toEqual({ at: "blocks", node: 1 });
    // A node of very many blocks is seen as its devices first.
    const segments = columns.segments.map((segment) => ({ ...segment, end: segment.end + 20_000 }));
    expect(levelOfNode(1, { ...columns, segments })).toEqual({ at: "devices", node: 1 });
    const ofPages = pathTo(
      { at: "pages", block: 59 },
      { ...columns, segments: segments.slice(3).map((each) => ({ ...each, start: 0 })) },
    );
    expect(ofPages.map(([name]) => name)).toEqual(["machine", "node 1", "memory59"]);
  });
});

describe("nodes as tiles", () => {
  test("count what their memory is", async () => {
    const columns = await columnsOf();
    expect(blockSums(columns, columns.segments, "device")).toMatchObject([
      { node: 0, device: "boot", total: 16, kernel: 16 },
      { node: 0, device: "n0d0", total: 8, offline: 8 },
      { node: 1, device: "boot", total: 16, kernel: 16 },
      { node: 1, device: "n1d0", total: 8, offline: 8 },
    ]);
    expect(blockSums(columns, columns.segments, "node")).toMatchObject([
      { node: 0, total: 24, kernel: 16, movable: 0, offline: 8, onItsWay: 0 },
      { node: 1, total: 24, kernel: 16, movable: 0, offline: 8, onItsWay: 0 },
    ]);
  });

  test.each([
    [2, 600, 200],
    [64, 600, 200],
    [1024, 600, 160],
    [1024, 360, 300],
  ])("%i of them fit on %i × %i pixels", (count, width, height) => {
    const grid = tileGrid(count, width, height);
    expect(grid.columns * grid.width).toBeLessThanOrEqual(width);
    expect(Math.ceil(count / grid.columns) * grid.height).toBeLessThanOrEqual(height);
  });
});

import { describe, expect, test } from "vitest";
import type { BlockSum } from "../src/map/node-sums.ts";
import { tileWords } from "../src/map/tile-words.ts";

const sum = (counts: Partial<BlockSum>): BlockSum => ({
  node: 3,
  device: undefined,
  total: 0,
  kernel: 0,
  movable: 0,
  onItsWay: 0,
  offline: 0,
  unmovable: 0,
  matching: 0,
  ...counts,
});

describe("the words below a tile", () => {
  test("many blocks", () => {
    const node = sum({ total: 1200, movable: 1000, offline: 200, matching: 2 });
    expect(tileWords(node, "what it is", undefined, true)).toBe(
      "node 3: 1,200 blocks, 1,000 movable, 200 offline. 2 match. Enter shows them.",
    );
  });

  test("one block is one", () => {
    const node = sum({ total: 1, offline: 1, matching: 1 });
    expect(tileWords(node, "what it is", undefined, true)).toBe(
      "node 3: 1 block, 1 offline. 1 matches. Enter shows it.",
    );
  });
});

import { type Refusal, refusalSentences } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { groupRefusals } from "../src/words/refusal-words.ts";

const busy: Refusal = {
  errno: "EBUSY",
  code: "unmovable_page",
  rule: "facts §4.3",
  block: 40,
  retry: "no",
  remedy: [],
};

describe("refusals in words", () => {
  test("are the three sentences that the command line prints", () => {
    expect(groupRefusals([busy]).map(({ sentences }) => sentences)).toEqual([refusalSentences(busy)]);
  });

  test("name all blocks that are refused alike, and count the pages of all", () => {
    const pages = [{ pfn: 0x140000, kind: "slab", pageblock: 2560, owner: "load:dentry" }];
    const alike = [40, 41].map((block): Refusal => ({ ...busy, block, pages, total: 100 }));
    const what = groupRefusals(alike)
      .flatMap(({ sentences }) => sentences)
      .join(" ");
    expect(what).toContain("In blocks 40-41 is something that the kernel cannot move: 200 pages");
    expect(what).toContain("of load dentry");
  });

  test("with the same reason are told once, the most frequent first", () => {
    const other: Refusal = { ...busy, code: "pinned_page", block: 39 };
    const groups = groupRefusals([other, busy, { ...busy, block: 41 }, { ...busy, block: 43 }]);
    expect(groups.map(({ count, blocks }) => [count, blocks])).toEqual([
      [3, "40-41,43"],
      [1, "39"],
    ]);
  });
});

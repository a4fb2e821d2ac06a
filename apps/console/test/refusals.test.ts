import { type Refusal, refusalCodes } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { groupRefusals, meaningOf, pagesOf, retryOf } from "../src/words/refusal-words.ts";

const busy: Refusal = {
  errno: "EBUSY",
  code: "unmovable_page",
  rule: "facts §4.3",
  block: 40,
  retry: "no",
  remedy: [],
};
const page = { pfn: 0x140000, kind: "slab", pageblock: 2560 };

describe("refusals in words", () => {
  test("every code has a sentence", () => {
    for (const code of refusalCodes) expect(meaningOf(code)).toMatch(/^[A-Z].*\.$/);
  });

  test("pages in the way are counted, and the first is named with its owner", () => {
    expect(pagesOf(busy)).toBeUndefined();
    expect(pagesOf({ ...busy, pages: [page] })).toBe("1 slab page in the way: pfn 0x140000");
    expect(pagesOf({ ...busy, pages: [{ ...page, owner: "load:dentry" }], total: 117 })).toBe(
      "117 slab pages in the way; the first is pfn 0x140000, held by load:dentry",
    );
  });

  test("say whether trying again helps", () => {
    expect(retryOf({ ...busy, retry: "maybe" })).toBe("Trying again may help.");
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

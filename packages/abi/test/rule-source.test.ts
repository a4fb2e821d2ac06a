import { expect, test } from "vitest";
import { ruleSources } from "../src/index.ts";

test("a rule leads to the sections that it names", () => {
  expect(ruleSources("facts §4.3: has_unmovable_pages")).toEqual([
    { document: "kernel", section: "4.3", address: "facts/kernel.html#s4-3" },
  ]);
  expect(ruleSources("facts §3.1 step 3 (observed-4.1 §2, facts §3.1)").map(({ address }) => address)).toEqual([
    "facts/kernel.html#s3-1",
    "facts/observed-4.1.html#s2",
  ]);
  expect(ruleSources("path_lookup: no such name")).toEqual([]);
});

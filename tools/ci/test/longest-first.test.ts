import { expect, test } from "vitest";
import { longestTimeout } from "../src/longest-first.ts";

test.each([
  ['test("a", () => {})', 0],
  ['test("a", { timeout: 500 }, run)', 500],
  ['describe("a", { timeout: folder === undefined ? 300_000 : 1_800_000 }, all)', 300_000],
  ['describe("a", { timeout: 20_000 }, all);\ntest("b", { timeout: 1_200_000 + CASES * 2000 }, run)', 1_200_000],
])("what %j allows its tests", (text, ms) => expect(longestTimeout(text)).toBe(ms));

import { expect, test } from "vitest";
import { sizeProblem } from "../src/sizes.ts";

test("a size may grow a little; more, or a package without a stated size, is a problem", () => {
  expect(sizeProblem(10_000, 9000)).toBeUndefined();
  expect(sizeProblem(10_000, 10_800)).toBeUndefined();
  expect(sizeProblem(10_000, 10_801)).toContain("10000 were stated");
  expect(sizeProblem(undefined, 1)).toContain("no size");
});

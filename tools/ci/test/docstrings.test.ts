import { expect, test } from "vitest";
import { countDocstrings } from "../src/api/docstrings.ts";
import type { ApiExport } from "../src/api/walk.ts";

const said: ApiExport = {
  name: "alignDown",
  kind: "function",
  doc: "The largest multiple.",
  throws: [],
  returns: "",
  declaration: "function alignDown(value: number): number;",
  source: "packages/abi/src/pfn.ts",
  numbers: [],
};
const problemsOf = (change: Partial<ApiExport>): readonly string[] =>
  countDocstrings([{ entry: "@memhp/abi", exports: [{ ...said, ...change }] }]).problems;

test("an export without a docstring, a number without a unit and a throw without @throws are found", () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ doc: "" })).toEqual(["packages/abi/src/pfn.ts: alignDown has no docstring"]);
  expect(problemsOf({ numbers: [{ name: "value", doc: "" }] })).toEqual([
    "packages/abi/src/pfn.ts: alignDown does not say what value counts",
  ]);
  expect(problemsOf({ numbers: [{ name: "value", doc: "pages" }] })).toEqual([]);
  expect(problemsOf({ numbers: [{ name: "sizeBytes", doc: "" }] })).toEqual([]);
  expect(problemsOf({ name: "errnoNumber", source: "packages/abi/src/errno.ts" })).toEqual([
    "packages/abi/src/errno.ts: errnoNumber throws, and has no @throws",
  ]);
});

test("an export of two entries is counted once", () => {
  expect(
    countDocstrings([
      { entry: "a", exports: [said] },
      { entry: "b", exports: [said] },
    ]),
  ).toMatchObject({ exports: 1 });
});

import { expect, test } from "vitest";
import { exceedsLimit, formatTable } from "../src/benchmark.ts";

test("a value at its limit is good; above it, or not a number, is not", () => {
  const measure = (value: number) => ({ measure: "boot", value, unit: "ms", limit: 5 });
  expect(exceedsLimit(measure(5))).toBe(false);
  expect(exceedsLimit(measure(5.1))).toBe(true);
  expect(exceedsLimit(measure(Number.NaN))).toBe(true);
  expect(exceedsLimit({ measure: "boot", value: 1e9, unit: "ms" })).toBe(false);
});

test("the table marks what exceeds its limit", () => {
  const table = formatTable([
    {
      name: "engine",
      measures: [
        { measure: "online a block", value: 12.34567, unit: "us", limit: 10 },
        { measure: "memory", value: 16, unit: "MiB" },
      ],
    },
  ]);
  expect(table.split("\n")).toEqual([
    "benchmark  measure         value  unit  limit",
    "engine     online a block  12.35  us    at most 10  EXCEEDED",
    "engine     memory             16  MiB",
  ]);
});

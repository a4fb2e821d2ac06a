import { readFileSync } from "node:fs";
import type { Comparison } from "@memhp/recorded";
import { expect, test } from "vitest";
import { comparedTraceIds, knownDifferences, replay, type TraceId, traceIds } from "../src/index.ts";

const compared = comparedTraceIds();

/** Of a run only what came of the comparison is kept: the traces of all are hundreds of megabytes. */
const comparisons = new Map<TraceId, Promise<Comparison>>();
function compareOnce(id: TraceId): Promise<Comparison> {
  const once = comparisons.get(id) ?? replay(id).then(({ comparison }) => comparison);
  comparisons.set(id, once);
  return once;
}

test.for(compared)("%s: memhp answers every step as the kernel did", async (id) => {
  const comparison = await compareOnce(id);
  const known = new Set(knownDifferences.filter((entry) => entry.trace === id).flatMap((entry) => entry.steps));
  expect(comparison.total).toBeGreaterThan(0);
  expect(comparison.differences.filter((difference) => !known.has(difference.step))).toEqual([]);
  // A difference that is gone must leave the list.
  expect(new Set(comparison.differences.map((difference) => difference.step))).toEqual(known);
});

test("every known difference is one of a run that is compared", () => {
  expect(knownDifferences.filter(({ trace }) => !compared.includes(trace))).toEqual([]);
});

// Asked for alone it replays all of them.
test("the README says how many steps were compared, and how many are the same", { timeout: 300_000 }, async () => {
  const all = await Promise.all(compared.map(compareOnce));
  const sum = (key: "total" | "matched"): number => all.reduce((total, comparison) => total + comparison[key], 0);
  const number = (n: number): string => n.toLocaleString("en-US");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").replaceAll(/\s+/g, " ");
  expect(readme).toContain(
    `${compared.length} of the ${traceIds().length} runs can be compared: ${number(sum("total"))} steps, of which ${number(sum("matched"))} are the same`,
  );
});

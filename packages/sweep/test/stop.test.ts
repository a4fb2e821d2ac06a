import { expect, test } from "vitest";
import { type RunResult, stopRule, type StopSpec, summarise } from "../src/index.ts";
import { runSweep } from "../src/node/index.ts";
import { sweepOf } from "./sweep-file.ts";

/** After which of runs with these values of a measure a sweep ends; -1 where after none. */
function endOf(stop: StopSpec, values: readonly (number | string | boolean | null)[], combinations = 1): number {
  const sizes = Array.from({ length: combinations }, (_, i) => `${i + 1}M`);
  const rule = stopRule(sweepOf({ parameters: { size: sizes }, seeds: { count: values.length }, stop }));
  return values.findIndex(
    (errno, run) => rule.add({ run, seed: 0, parameters: {}, measures: { errno } }) !== undefined,
  );
}

test("a threshold counts runs whose measure has reached it", () => {
  expect(endOf({ when: { measure: "errno", at_least: 3 } }, [1, null, "9", 2, 3, 4])).toBe(4);
  expect(endOf({ when: { measure: "errno", at_most: 1, runs: 2 } }, [1, 5, 0, 0])).toBe(2);
  expect(endOf({ when: { measure: "errno", is: "ENOMEM" } }, [0, 0, "ENOMEM"])).toBe(2);
  expect(endOf({ when: { measure: "errno", is: true } }, ["true", 1, null])).toBe(-1);
});

test("the mean is known when z × s / √n is small enough: 0 and 2 by turns have s² = n / (n - 1)", () => {
  const values = Array.from({ length: 400 }, (_, i) => (i % 2) * 2);
  // 1.95996 × √(1 / (n - 1)) ≤ 0.2 from n = 98 on; an odd n has s² a little smaller, and 97 is not enough either.
  expect(endOf({ confidence: { measure: "errno", half_width: 0.2 } }, values)).toBe(97);
  expect(endOf({ confidence: { measure: "errno", half_width: 0.2, least: 200 } }, values)).toBe(199);
  expect(endOf({ confidence: { measure: "errno", half_width: 0.01 } }, values)).toBe(-1);
});

test("a share is known by Wilson's interval: of n runs that all have a value its half is z² / 2(n + z²)", () => {
  const values = Array.from({ length: 100 }, () => true);
  // 3.8414 / 2(n + 3.8414) ≤ 0.05 from n = 34.6 on.
  expect(endOf({ confidence: { measure: "errno", is: true, half_width: 0.05 } }, values)).toBe(34);
});

test("every combination of parameters must be known well enough", () => {
  // Of two by turns the first is always 1; the second is 0 and 2 by turns, and so needs 98 runs.
  const values = Array.from({ length: 400 }, (_, run) => (run % 2 === 0 ? 1 : ((run - 1) % 4) & 2));
  expect(endOf({ confidence: { measure: "errno", half_width: 0.2 } }, values, 2)).toBe(195);
});

test(
  "a sweep ends at the same run for any number of workers, and when it is gone on with",
  { timeout: 120_000 },
  async () => {
    const sweep = sweepOf({ seeds: { count: 8 }, stop: { when: { measure: "refusals", at_least: 1, runs: 3 } } });
    const ran = async (workers: number, done: readonly RunResult[] = []): Promise<RunResult[]> => {
      const results = [...done];
      await runSweep(sweep, { workers, done, onResult: (result) => results.push(result) });
      return results;
    };
    const alone = await ran(0);
    // 1G and 2G, the last two of each four, do not fit.
    expect(alone.map(({ run }) => run)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await ran(0, alone.slice(0, 4))).toEqual(alone);
    expect(await ran(2)).toEqual(alone);
    expect(await ran(2, alone)).toEqual(alone);
    const { stopped, done } = summarise(sweep, alone);
    expect([stopped, done]).toEqual(["refusals is at least 1 in run 6, by which 3 runs have it", 7]);
  },
);

test("a rule about a measure that there is not is told with its place", () => {
  expect(() => sweepOf({ stop: { when: { measure: "lost", is: 1 } } })).toThrow(
    'test: stop.when.measure: "lost" is not known (there are: errno, offlined, at, state, zones, refusals)',
  );
  expect(() => sweepOf({ stop: {} })).toThrow(/^test: stop: /);
});

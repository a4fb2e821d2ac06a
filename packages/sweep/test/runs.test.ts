import { expect, test } from "vitest";
import { parseDocument, runDocument } from "@memhp/scenario";
import { runSweep } from "../src/node/index.ts";
import { type RunResult, type Sweep, SweepRunner } from "../src/index.ts";
import { sweepOf } from "./sweep-file.ts";

async function resultsOf(
  sweep: Sweep,
  options: { workers: number; forks?: boolean; from?: number },
): Promise<RunResult[]> {
  const results: RunResult[] = [];
  await runSweep(sweep, { ...options, onResult: (result) => results.push(result) });
  return results;
}

test("workers, forks and order change nothing", async () => {
  const sweep = sweepOf();
  const alone = await resultsOf(sweep, { workers: 0, forks: false });
  expect(alone.map(({ run, error }) => [run, error])).toEqual(alone.map((_, i) => [i, undefined]));
  expect(alone).toHaveLength(8);
  expect(await resultsOf(sweep, { workers: 0 })).toEqual(alone);
  expect(await resultsOf(sweep, { workers: 2, from: 1 })).toEqual(alone.slice(1));
  const runner = new SweepRunner(sweep);
  for (const run of [6, 1, 7, 0]) expect(await runner.run(run)).toEqual(alone[run]);
});

test("a run alone is the scenario that memhp run takes", async () => {
  const sweep = sweepOf();
  const point = sweep.point(6);
  expect(point).toEqual({ run: 6, seed: 1, parameters: { size: "1G" } });
  const document = parseDocument(JSON.stringify(sweep.plainScenario(point)), "run 6");
  const { trace } = await runDocument(document);
  const { measures } = await new SweepRunner(sweep).run(6);
  expect(measures).toMatchObject({
    at: trace.steps.at(-1)?.at_ns,
    state: JSON.stringify(trace.final["blocks"]),
    zones: JSON.stringify(trace.final["zones"]),
  });
});

test("a run that cannot be carried out is told as failed, and the others are done", async () => {
  const [good, bad] = await resultsOf(sweepOf({ parameters: { size: ["128M", "much"] }, seeds: [0] }), { workers: 0 });
  expect(good?.error).toBeUndefined();
  expect(bad).toMatchObject({ run: 1, seed: 0, parameters: { size: "much" } });
  expect(bad?.error).toMatch(/^test: scenario: step 4: .*size.*much/);
  expect(bad?.measures).toBeUndefined();
});

test("steps whose doings are not in the machine are never forked", () => {
  const { scenario, measures } = sweepOf().document;
  const steps = scenario["steps"] as object[];
  const withUdev = sweepOf({
    scenario: {
      ...scenario,
      steps: [steps[0], { op: "agent", id: "a", word: "online_movable", poll_ms: 1000 }, ...steps.slice(1)],
    },
    measures,
  });
  expect(sweepOf().commonSteps).toBe(4);
  expect(withUdev.commonSteps).toBe(1);
});

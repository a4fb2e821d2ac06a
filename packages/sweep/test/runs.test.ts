import { expect, test } from "vitest";
import { bootMachine, snapshot } from "@memhp/machine";
import { parseDocument, readDocument, runDocument, StepRunner } from "@memhp/scenario";
import { runSweep } from "../src/node/index.ts";
import { headerLine, readSweep, type RunResult, type Sweep, SweepRunner } from "../src/index.ts";
import { sweepOf } from "./sweep-file.ts";

async function resultsOf(
  sweep: Sweep,
  options: { workers: number; forks?: boolean; done?: readonly RunResult[] },
): Promise<RunResult[]> {
  const results: RunResult[] = [];
  await runSweep(sweep, { ...options, onResult: (result) => results.push(result) });
  return results;
}

test("workers, forks and order change nothing", { timeout: 120_000 }, async () => {
  const sweep = sweepOf();
  const alone = await resultsOf(sweep, { workers: 0, forks: false });
  expect(alone.map(({ run, failure }) => [run, failure])).toEqual(alone.map((_, i) => [i, undefined]));
  expect(alone).toHaveLength(8);
  expect(await resultsOf(sweep, { workers: 0 })).toEqual(alone);
  expect(await resultsOf(sweep, { workers: 2, done: alone.slice(0, 1) })).toEqual(alone.slice(1));
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
  expect(good?.failure).toBeUndefined();
  expect(bad).toMatchObject({ run: 1, seed: 0, parameters: { size: "much" } });
  expect(bad?.failure).toMatch(/^test: scenario: step 4: .*size.*much/);
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

test("steps that draw nothing are common to all seeds, and runs go on with their own", async () => {
  const { scenario } = sweepOf().document;
  const [add] = scenario["steps"] as object[];
  const write = (n: number): object => ({ op: "block", n: `\${d0.${n}}`, v: "online", label: `block${n}` });
  const fault = { op: "fault", path: "memory*/state", operation: "write", errno: "EBUSY", p: 0.5 };
  const load = { op: "load", id: "program", kind: "anon", size: "{{size}}" };
  const sweep = sweepOf({
    parameters: { size: ["1M", "2M"] },
    seeds: { count: 6 },
    scenario: { ...scenario, steps: [add, load, fault, write(0), write(1), write(2)] },
    measures: Object.fromEntries([0, 1, 2].map((n) => [`block${n}`, { value: `steps.block${n}.result.errno` }])),
  });
  expect(sweep.commonSteps).toBe(1);
  const alone = await resultsOf(sweep, { workers: 0, forks: false });
  expect(await resultsOf(sweep, { workers: 0 })).toEqual(alone);
  // The seed matters.
  expect(new Set(alone.map(({ measures }) => JSON.stringify(measures))).size).toBeGreaterThan(2);
});

test(
  "every run begins with the machine of an image, and with the seeds of the sweep where it has some",
  { timeout: 120_000 },
  async () => {
    const { scenario, measures } = sweepOf().document;
    const { kernel, machine, steps, ...rest } = scenario as { kernel: string; machine: unknown; steps: object[] };
    const first = readDocument(
      { format: "memhp-scenario/1", kernel, machine, seed: 5, steps: steps.slice(0, 2) },
      "first",
    );
    const booted = await bootMachine(first.machine, { kernel: first.kernel, seed: 5 });
    const runner = new StepRunner(booted);
    for (const { request } of first.steps) await runner.perform(request);
    const image = await snapshot(booted);
    await booted.close();
    const document = {
      ...sweepOf({ measures, seeds: [5] }).document,
      from: "first.json",
      scenario: { ...rest, steps: steps.slice(2) },
    };
    const sweep = readSweep(document, "test", image);
    const whole = await resultsOf(sweepOf({ seeds: [5] }), { workers: 0 });
    const later = await resultsOf(sweep, { workers: 0 });
    expect(later).toEqual(whole);
    expect(await resultsOf(sweep, { workers: 1 })).toEqual(whole);
    expect(headerLine(readSweep(document, "test", { ...image, seed: 6 }))).not.toBe(headerLine(sweep));
    expect(() => readSweep(document, "test")).toThrow('from: the machine of "first.json" was not given');
    expect(() => readSweep({ ...document, scenario }, "test", image)).toThrow(
      "scenario.kernel: has no place beside from: the image has its own",
    );
  },
);

test("an image whose loads churn gives each seed its own first steps", { timeout: 120_000 }, async () => {
  const { scenario, measures } = sweepOf().document;
  const { kernel, machine, steps, ...rest } = scenario;
  const cache = { op: "load", id: "cache", kind: "file", size: "100M", churn: 0.5 };
  const first = readDocument(
    { format: "memhp-scenario/1", kernel, machine, steps: [...(steps as object[]).slice(0, 3), cache] },
    "first",
  );
  const booted = await bootMachine(first.machine, { kernel: first.kernel });
  const runner = new StepRunner(booted);
  for (const { request } of first.steps) await runner.perform(request);
  const image = await snapshot(booted);
  await booted.close();
  const later = [
    { op: "wait", s: 3 },
    { op: "unload", id: "cache" },
    { op: "read", path: "/proc/buddyinfo", label: "free" },
    { op: "load", id: "program", kind: "anon", size: "{{size}}", label: "started" },
    { op: "offline", blocks: "dimm:d0", label: "offlined" },
  ];
  const document = {
    ...sweepOf({ seeds: { count: 4 } }).document,
    from: "first.json",
    measures: { ...measures, free: { value: "steps.free.result.data" } },
    scenario: { ...rest, steps: later },
  };
  const sweep = readSweep(document, "test", image);
  expect(sweep.commonSteps).toBe(3);
  const alone = await resultsOf(sweep, { workers: 0, forks: false });
  // The seed matters.
  expect(new Set(alone.map(({ measures: { free } = {} }) => free)).size).toBe(4);
  expect(await resultsOf(sweep, { workers: 0 })).toEqual(alone);
});

test("a quantile over all steps of a label", async () => {
  const { scenario } = sweepOf().document;
  const [add] = scenario["steps"] as object[];
  const waits = [5, 1, 4, 2, 3].map((s) => ({ op: "wait", s, label: "waited" }));
  const start = { op: "wait", s: 0, label: "begun" };
  const sweep = sweepOf({
    parameters: { size: ["1M"] },
    seeds: [0],
    scenario: { ...scenario, steps: [add, start, ...waits] },
    measures: {
      begun: { value: "steps.begun.at_ns" },
      median: { quantile: 0.5, of: "steps.waited.at_ns" },
      last: { quantile: 1, of: "steps.waited.at_ns" },
      none: { quantile: 0.5, of: "steps.waited.result.nothing" },
    },
  });
  const { measures: { begun, median, last, none } = {} } = await new SweepRunner(sweep).run(0);
  expect([Number(median) - Number(begun), Number(last) - Number(begun), none]).toEqual([10e9, 15e9, null]);
});

test("steps stand where the parameters have the values that they ask for, and labels may be there in some runs only", () => {
  const { scenario } = sweepOf().document;
  const [add] = scenario["steps"] as object[];
  const waits = { where: { who: ["a", "b"], often: true }, steps: [{ op: "wait", s: "{{s}}", label: "waited" }] };
  const parts = {
    parameters: { often: [false, true], who: ["a", "b", "c"], s: [5] },
    scenario: { ...scenario, steps: [add, waits] },
    measures: { at: { value: "steps.waited.at_ns" } },
  };
  const sweep = sweepOf(parts);
  // Who knows no difference between runs forks them: a condition is one.
  expect(sweep.commonSteps).toBe(1);
  const counts = [0, 1, 2, 3, 4, 5].map((run) => sweep.scenario(sweep.point(run)).document.steps.length);
  expect(counts).toEqual([1, 1, 1, 2, 2, 1]);
  const bad =
    (where: unknown): (() => unknown) =>
    () =>
      sweepOf({ ...parts, scenario: { ...scenario, steps: [add, { ...waits, where }] } });
  expect(bad({ whom: "a" })).toThrow("test: scenario: {{whom}} is no parameter (there are: often, who, s)");
  expect(bad("a")).toThrow('test: scenario: where: expected {PARAMETER: VALUE}, found "a"');
});

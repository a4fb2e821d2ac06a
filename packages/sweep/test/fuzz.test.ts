import { operations } from "@memhp/scenario";
import { expect, test } from "vitest";
import {
  checkScenario,
  count,
  fuzzCase,
  fuzzKernels,
  type FuzzResult,
  laws,
  noCounts,
  type PlainScenario,
  runFuzzCase,
} from "../src/fuzz/index.ts";
import { shrink } from "../src/fuzz/shrink.ts";
import { runFuzz } from "../src/node/index.ts";

/** `MEMHP_FUZZ_CASES=1000` tries more. */
const CASES = Number(process.env["MEMHP_FUZZ_CASES"] ?? 24);

test("random runs under every kernel break no law", { timeout: 60_000 + CASES * 2000 }, async () => {
  const counts = noCounts();
  const found: unknown[] = [];
  for (let number = 0; number < CASES; number++) {
    const result = await runFuzzCase(fuzzCase(16, number, fuzzKernels));
    count(counts, result);
    if (result.finding !== undefined) found.push(result.finding);
  }
  expect(found).toEqual([]);
  expect(Object.keys(counts.byKernel).sort()).toEqual(fuzzKernels.map(({ id }) => id).sort());
  expect(Object.keys(counts.checks).sort()).toEqual(Object.keys(laws).sort());
  expect(counts.operations).toBeGreaterThan(20 * CASES);
  // Most steps make sense where they stand.
  expect(counts.refused).toBeLessThan(counts.operations / 4);
  const never = operations.map(({ op }) => op).filter((op) => counts.byOperation[op] === undefined);
  // Those of recorded guests, and what is drawn seldom.
  expect(never.filter((op) => !["sh", "bg", "kill", "qmp", "signal", "uevent_fault"].includes(op))).toEqual([]);
});

test(
  "a seed gives the same runs in other processes, and so many operations end at the same run",
  { timeout: 300_000 },
  async () => {
    const kernels = fuzzKernels.filter(({ id }) => id === "6.12" || id === "4.1");
    const run = async (workers: number): Promise<FuzzResult[]> => {
      const results: FuzzResult[] = [];
      const counts = noCounts();
      const onResult = (result: FuzzResult): boolean => {
        results.push(result);
        count(counts, result);
        return counts.operations >= 60;
      };
      await runFuzz({ seed: 5, kernels, workers, onResult });
      return results;
    };
    const alone = await run(0);
    expect(alone.length).toBeGreaterThan(2);
    expect(await run(2)).toEqual(alone);
  },
);

test("shrinking keeps only what matters, of steps, operands and machine", async () => {
  const whole: PlainScenario = {
    format: "memhp-scenario/1",
    name: "whole",
    kernel: "6.12",
    seed: 1,
    machine: { memory: "1G", cmdline: "a b c", nodes: { count: 4, memory: "1G" }, slots: 3 },
    steps: Array.from({ length: 30 }, (_, i) => ({ op: i === 7 ? "load" : "wait", id: `l${i}`, size: "1M", node: i })),
  };
  const smallest = await shrink(whole, async ({ machine, steps }) => {
    const hasLoad = steps.some(({ op, size }) => op === "load" && size === "1M");
    return hasLoad && steps.some(({ id }) => id === "l21") && String(machine["cmdline"]).includes("b");
  });
  expect(smallest.steps).toEqual([
    { op: "load", size: "1M" },
    { op: "wait", id: "l21" },
  ]);
  expect(smallest.machine).toEqual({ cmdline: "b" });
});

/** What once broke a law. */
const mended: readonly [what: string, scenario: Omit<PlainScenario, "format" | "name" | "seed">][] = [
  [
    "4.1 goes on counting the pages past the end of a node when other memory comes into ZONE_MOVABLE (observed-4.1 Q6)",
    {
      kernel: "4.1-nomn",
      machine: { nodes: { count: 2, memory: "2G" }, cmdline: "kernelcore=256M", dimms: { per_node: 1, size: "512M" } },
      steps: [{ op: "online", blocks: "offline", type: "movable" }],
    },
  ],
  [
    "4.1 ends a program for want of targets while its pages leave two nodes at once",
    {
      kernel: "4.1",
      machine: {
        nodes: [
          { nodeid: 0, mem: "512M", cpus: "0" },
          { nodeid: 1, mem: "256M", cpus: "1" },
        ],
      },
      steps: [
        { op: "load", id: "l0", kind: "anon", size: "600M" },
        { op: "offline", blocks: "online" },
      ],
    },
  ],
  [
    "somebody who begins to watch blocks is nobody for whom the kernel allocates",
    {
      kernel: "7.3",
      machine: {
        memory: "1G",
        smp: 1,
        nodes: [],
        slots: 1,
        maxmem: "2G",
        extra: ["-object", "memory-backend-ram,id=m,size=256M", "-device", "pc-dimm,id=k0,memdev=m"],
      },
      steps: [{ op: "offline", blocks: "online" }],
    },
  ],
];

test.each(mended)("%s", async (name, scenario) => {
  const { broken, refused } = await checkScenario(
    { format: "memhp-scenario/1", name, seed: 1, ...scenario },
    { isThorough: true },
  );
  expect([broken, refused]).toEqual([undefined, 0]);
});

import { expect, test, vi } from "vitest";
import {
  checkScenario,
  fuzzCase,
  fuzzKernels,
  type FuzzResult,
  type PlainScenario,
  runFuzzCase,
} from "../src/fuzz/index.ts";
import { lookAt } from "../src/fuzz/laws.ts";
import { runFuzz } from "../src/node/index.ts";

vi.mock("../src/fuzz/laws.ts", { spy: true });

test("what breaks a law is made small: two DIMMs, where two DIMMs are the matter", { timeout: 240_000 }, async () => {
  vi.mocked(lookAt).mockImplementation(async (machine) =>
    machine.pluggedMemory().filter(({ id }) => !id.startsWith("dax")).length < 2
      ? undefined
      : { law: "zones", what: "two DIMMs" },
  );
  try {
    const newest = fuzzKernels.filter(({ id }) => id === "7.3");
    // The first of the seed's cases in which two come while it runs.
    let finding: Awaited<ReturnType<typeof runFuzzCase>>["finding"];
    for (let i = 0; i < 12 && finding?.step !== 1; i++) ({ finding } = await runFuzzCase(fuzzCase(5, i, newest)));
    expect(finding).toMatchObject({ law: "zones", step: 1, what: "two DIMMs" });
    expect(finding?.scenario.steps.map(({ op }) => op)).toEqual(["dimm_add", "dimm_add"]);
    // And it can be seen again from the scenario alone.
    expect((await checkScenario(finding?.scenario as PlainScenario)).broken).toMatchObject({ law: "zones", step: 1 });
  } finally {
    vi.mocked(lookAt).mockRestore();
  }
});

test(
  "who ends it hears of a finding as small as it is by then, and of nothing that was not found",
  { timeout: 120_000 },
  async () => {
    const over = new AbortController();
    let broke = 0;
    vi.mocked(lookAt).mockImplementation(async (machine) => {
      if (machine.pluggedMemory().length === 0) return undefined;
      // The sixth scenario that shows it.
      if (++broke === 6) over.abort();
      return { law: "zones", what: "a DIMM" };
    });
    try {
      const results: FuzzResult[] = [];
      await runFuzz({
        seed: 5,
        kernels: fuzzKernels.filter(({ id }) => id === "6.12"),
        signal: over.signal,
        onResult: (result) => results.push(result) === 100,
      });
      const found = results.flatMap(({ finding }) => finding ?? []);
      expect(found).toMatchObject([{ law: "zones", what: "a DIMM", isUnfinished: true }]);
      expect(found[0]?.scenario.steps.length).toBeLessThan(found[0]?.ofSteps ?? 0);
      expect(results.at(-1)?.finding).toBe(found[0]);
    } finally {
      vi.mocked(lookAt).mockRestore();
    }
  },
);

test("a bug of memhp is a finding, and a run without end as well", async () => {
  const scenario: PlainScenario = {
    format: "memhp-scenario/1",
    name: "bug",
    kernel: "6.12",
    seed: 0,
    machine: { memory: "512M", smp: 1, nodes: [] },
    steps: [{ op: "wait", ms: 1 }],
  };
  vi.mocked(lookAt).mockRejectedValueOnce(new TypeError("x is not a function"));
  expect((await checkScenario(scenario)).broken).toMatchObject({
    law: "bugs",
    what: expect.stringContaining("x is not a function"),
  });
  vi.mocked(lookAt).mockRestore();
  expect((await checkScenario(scenario)).broken).toBeUndefined();
});

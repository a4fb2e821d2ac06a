import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark, Measure } from "./benchmark.ts";
import { inWorkspace, fromSources, measuredProcess, type Spent } from "./measured-process.ts";

/** The command from its sources, and as it is published: bundled, under a Node that is told nothing. */
const ways = [
  { way: "published", program: inWorkspace("apps/cli/bin/memhp.js"), node: [] },
  { way: "from sources", program: inWorkspace("apps/cli/src/main.ts"), node: fromSources },
] as const;

function bundle(...options: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [inWorkspace("tools/ci/src/bundle-command.ts"), ...options], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the command could not be bundled");
}

async function run(
  { program, node }: (typeof ways)[number],
  folder: string,
  name: string,
  scenario: unknown,
  options: readonly string[] = [],
): Promise<Spent> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(scenario));
  return measuredProcess(program, ["run", "--json", ...options, file], node);
}

/** 32,768 blocks of DIMMs on 64 nodes, onlined and offlined. */
const idle = {
  format: "memhp-scenario/1",
  name: "idle blocks",
  kernel: "6.12",
  machine: { block_size: "128M", nodes: { count: 64, memory: "8G" }, dimms: { per_node: 1, size: "64G" } },
  steps: [
    { op: "online", blocks: "offline", type: "movable" },
    { op: "offline", blocks: "movable" },
  ],
};

function steps(count: number): unknown {
  const pair = [
    { op: "online", blocks: "offline", type: "movable" },
    { op: "offline", blocks: "movable" },
  ];
  return {
    format: "memhp-scenario/1",
    name: `${count} steps`,
    kernel: "6.12",
    machine: { block_size: "128M", nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "2G" } },
    steps: Array.from({ length: count }, (_, i) => pair[i % 2]),
  };
}

/** How often each is run: a single run takes a third longer where the computer does something else for a moment. */
const RUNS = 5;

/** Two in turn, several times. @returns of each the run of middle length, with the most memory that any took. */
async function inTurn(...begin: readonly [() => Promise<Spent>, () => Promise<Spent>]): Promise<[Spent, Spent]> {
  const spent: [Spent[], Spent[]] = [[], []];
  for (let i = 0; i < RUNS; i++) for (const at of [0, 1] as const) spent[at].push(await begin[at]());
  return [middle(spent[0]), middle(spent[1])];
}

function middle(runs: readonly Spent[]): Spent {
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
  return { ...sorted[RUNS >> 1]!, mostMiB: Math.max(...runs.map(({ mostMiB }) => mostMiB)) };
}

async function measured(way: (typeof ways)[number], folder: string): Promise<Measure[]> {
  // What Node compiles is kept from the first start of a version on.
  await run(way, folder, "first", steps(1));
  await run(way, folder, "first", steps(1), ["--workers", "2"]);
  const [alone, two] = await inTurn(
    () => run(way, folder, "idle", idle),
    () => run(way, folder, "idle", idle, ["--workers", "2"]),
  );
  const short = await run(way, folder, "short", steps(100));
  const long = await run(way, folder, "long", steps(10_000));
  const what = `run --json of 32,768 blocks on- and offlined, ${way.way}`;
  return [
    { measure: what, value: alone.seconds, unit: "s", limit: 1.2 },
    { measure: "the same, memory", value: alone.mostMiB, unit: "MiB", limit: 300 },
    { measure: `${what}, on 2 workers`, value: two.seconds, unit: "s", limit: 1.2 },
    { measure: "the same, memory", value: two.mostMiB, unit: "MiB", limit: 300 },
    {
      measure: `memory of a run of 10,000 steps, to one of 100, ${way.way}`,
      value: long.mostMiB / short.mostMiB,
      unit: "ratio",
      limit: 1.5,
    },
  ];
}

const benchmark: Benchmark = {
  name: "run",
  async run(): Promise<Measure[]> {
    const folder = mkdtempSync(join(tmpdir(), "memhp-bench-"));
    try {
      bundle();
      const measures: Measure[] = [];
      for (const way of ways) measures.push(...(await measured(way, folder)));
      return measures;
    } finally {
      bundle("--remove");
      rmSync(folder, { recursive: true });
    }
  },
};
export default benchmark;

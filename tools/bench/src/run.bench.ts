import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark, Measure } from "./benchmark.ts";
import { inWorkspace, measuredProcess, type Spent } from "./measured-process.ts";

const cli = inWorkspace("apps/cli/src/main.ts");

async function run(folder: string, name: string, scenario: unknown, options: readonly string[] = []): Promise<Spent> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(scenario));
  return measuredProcess(cli, ["run", "--json", ...options, file]);
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

const benchmark: Benchmark = {
  name: "run",
  async run(): Promise<Measure[]> {
    const folder = mkdtempSync(join(tmpdir(), "memhp-bench-"));
    try {
      const alone = await run(folder, "idle", idle);
      const two = await run(folder, "idle", idle, ["--workers", "2"]);
      const short = await run(folder, "short", steps(100));
      const long = await run(folder, "long", steps(10_000));
      return [
        { measure: "run --json of 32,768 blocks on- and offlined", value: alone.seconds, unit: "s" },
        { measure: "the same, memory", value: alone.mostMiB, unit: "MiB" },
        { measure: "the same on 2 workers", value: two.seconds, unit: "s" },
        { measure: "the same, memory", value: two.mostMiB, unit: "MiB" },
        {
          measure: "memory of a run of 10,000 steps, to one of 100",
          value: long.mostMiB / short.mostMiB,
          unit: "ratio",
        },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
export default benchmark;

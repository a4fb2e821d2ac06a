import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { workerThreads } from "@memhp/machine/node";
import type { Benchmark, Measure } from "./benchmark.ts";

/** Four TiB on 64 nodes. */
const spec = parseMachineSpec({
  arch: "x86_64",
  block_size: "128M",
  nodes: { count: 64, memory: "8G" },
  dimms: { per_node: 1, size: "56G" },
});

async function bulkCycle(workers: number): Promise<{ bootMs: number; cycleMs: number }> {
  const bootBegin = performance.now();
  const machine: Machine = await bootMachine(spec, { kernel: "6.12", workers, workerFactory: workerThreads() });
  machine.setWants({ block: false, notifier: false, zone: false });
  const bootMs = performance.now() - bootBegin;
  const blocks = [...machine.map.blocks.ids()].filter((id) => machine.map.blocks.group(id) >= 0);
  let cycleMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    await machine.bulk("online", blocks, "movable");
    await machine.bulk("offline", blocks);
    cycleMs = Math.min(cycleMs, performance.now() - begin);
  }
  await machine.close();
  return { bootMs, cycleMs };
}

const benchmark: Benchmark = {
  name: "workers",
  async run(): Promise<Measure[]> {
    const alone = await bulkCycle(0);
    const two = await bulkCycle(2);
    return [
      { measure: "boot of four TiB on 64 nodes", value: alone.bootMs, unit: "ms" },
      { measure: "online and offline of 28672 blocks in this thread", value: alone.cycleMs, unit: "ms" },
      { measure: "the same on 2 workers, to this thread", value: two.cycleMs / alone.cycleMs, unit: "ratio" },
    ];
  },
};
export default benchmark;

import { addRange, bootMemoryMap, type MemoryMap } from "@memhp/engine";
import { allEvents, type Batch, createHotplug, type EventWants } from "@memhp/hotplug";
import { defaultKernel } from "@memhp/kernels";
import { createMemoryNotifier } from "@memhp/notifier";
import type { Benchmark, Measure } from "./benchmark.ts";
import { platformOf } from "@memhp/platforms";

const BLOCKS = 32_768;
const BLOCK_PAGES = 32_768;
const FIRST_BLOCK = 32;
const noEvents: EventWants = { block: false, notifier: false, zone: false };

/** A node without boot memory and 4 TiB of blocks, all offline. */
function emptyMachine(): MemoryMap {
  const options = { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false };
  const map = bootMemoryMap({
    kernel: defaultKernel,
    arch: platformOf("x86_64").arch,
    blockPages: BLOCK_PAGES,
    nodes: [{ node: 0, ranges: [], hotpluggable: [], cpus: [0] }],
    options,
  });
  addRange(map, {
    node: 0,
    startPfn: FIRST_BLOCK * BLOCK_PAGES,
    nrPages: BLOCKS * BLOCK_PAGES,
    group: -1,
    altmapPages: 0,
    firmware: false,
    driverManaged: false,
  });
  return map;
}

/** Milliseconds to online and offline all blocks once. */
async function cycle(rowsFrom: number, wants: EventWants): Promise<number> {
  const map = emptyMachine();
  const hotplug = createHotplug({ kernel: defaultKernel, map, chain: createMemoryNotifier(defaultKernel), rowsFrom });
  const blocks = [...map.blocks.ids()];
  const policy = {
    policy: "contig-zones",
    ratio: 301,
    numaAware: true,
    movableNode: false,
    otherNodes: { earlyKernelPages: 0, movablePages: 0 },
    groupMaxPages: new Map(),
  } as const;
  const batch = (op: "online" | "offline"): Batch => ({
    startNs: 0,
    untilNs: Number.POSITIVE_INFINITY,
    requests: [op === "online" ? { op, node: 0, blocks, type: "movable" } : { op, node: 0, blocks }],
    policy,
    wants,
  });
  const begin = performance.now();
  await hotplug.run(batch("online"));
  await hotplug.run(batch("offline"));
  return performance.now() - begin;
}

async function best(run: () => number | Promise<number>): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) fastest = Math.min(fastest, await run());
  return fastest;
}

const benchmark: Benchmark = {
  name: "blocks",
  async run(): Promise<Measure[]> {
    const rows = await best(() => cycle(1, noEvents));
    const actors = await best(() => cycle(Number.POSITIVE_INFINITY, noEvents));
    const told = await best(() => cycle(1, allEvents));
    return [
      { measure: `online and offline of ${BLOCKS} blocks as rows`, value: rows, unit: "ms" },
      { measure: "the same as XState actors, to rows", value: actors / rows, unit: "ratio" },
      // Blocks whose steps are told take them one by one; those that nobody looks at pass together.
      { measure: "as rows with every event told, to actors", value: told / actors, unit: "ratio", limit: 0.1 },
    ];
  },
};
export default benchmark;

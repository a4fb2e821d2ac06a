import type { Machine } from "@memhp/machine";
import type { Benchmark, Measure } from "./benchmark.ts";
import { dimmBlocks, largeMachine, loadEach } from "./machines.ts";

const LOAD_BYTES = 4 * 2 ** 30;
/** The engine compiles what runs often in the first laps, in each thread anew. */
const LAPS = 5;

interface Lap {
  readonly ms: number;
  readonly pages: number;
}

/** All DIMM blocks of all nodes go offline with memory in use on each, which migrates to other nodes. */
async function lap(machine: Machine, nodes: number): Promise<Lap> {
  const blocks = dimmBlocks(machine);
  await machine.bulk("online", blocks, "movable");
  await loadEach(machine, nodes, LOAD_BYTES);
  let pages = 0;
  const stop = machine.listen((event) => {
    if (event.type === "migrate") pages += event.pages;
  });
  const begin = performance.now();
  const { refused } = await machine.bulk("offline", blocks);
  const ms = performance.now() - begin;
  stop();
  if (refused.length > 0) throw new Error(`${refused.length} blocks were refused`);
  for (let node = 0; node < nodes; node++) await machine.pages.loads.end(`load${node}`);
  return { ms, pages };
}

/** The first lap of a machine that has just booted, and the best of some more. */
async function laps(nodes: number, workers: number): Promise<{ readonly first: Lap; readonly best: Lap }> {
  const machine = await largeMachine({ nodes, memory: "8G", dimm: "16G", workers });
  const first = await lap(machine, nodes);
  let best = first;
  for (let i = 1; i < LAPS; i++) {
    const next = await lap(machine, nodes);
    if (next.ms < best.ms) best = next;
  }
  await machine.close();
  return { first, best };
}

async function compare(nodes: number): Promise<readonly [Measure, Measure, Measure, first: Measure]> {
  const alone = await laps(nodes, 0);
  const two = await laps(nodes, 2);
  const what = `offline of ${nodes} nodes with migration`;
  return [
    { measure: `${what}, in this thread`, value: alone.best.ms, unit: "ms" },
    { measure: `${what}, a page that moves`, value: (alone.best.ms / alone.best.pages) * 1e6, unit: "ns" },
    { measure: `${what}, 2 workers to this thread`, value: two.best.ms / alone.best.ms, unit: "ratio" },
    { measure: "the same, the first time after boot", value: two.first.ms / alone.first.ms, unit: "ratio" },
  ];
}

const benchmark: Benchmark = {
  name: "rounds",
  async run() {
    const few = await compare(16);
    // By now this thread has compiled what the first lap of new workers has to.
    const many = await compare(64);
    return [...few, ...many.slice(0, 3)];
  },
};
export default benchmark;

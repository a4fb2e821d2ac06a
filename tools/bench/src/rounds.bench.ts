import type { Machine } from "@memhp/machine";
import type { Benchmark, Measure } from "./benchmark.ts";
import { dimmBlocks, largeMachine, loadEach } from "./machines.ts";

const LOAD_BYTES = 4 * 2 ** 30;
/**
 * V8 goes on compiling for about forty laps of 16 nodes, in threads beside those that work, and for each worker anew: as long as it does,
 * two workers share two processors with it. More nodes do more in each lap.
 */
const LAPS = { few: 60, many: 30 };

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

/** The first lap of a machine that has just booted, and the best of all. */
interface Laps {
  readonly first: Lap;
  best: Lap;
}

/** Machines without workers and with two take their laps by turns, so that both see the same computer. */
async function laps(nodes: number, count: number): Promise<{ readonly alone: Laps; readonly two: Laps }> {
  const boot = (workers: number): Promise<Machine> => largeMachine({ nodes, memory: "8G", dimm: "16G", workers });
  const machines = { alone: await boot(0), two: await boot(2) };
  const of = { alone: firstOf(await lap(machines.alone, nodes)), two: firstOf(await lap(machines.two, nodes)) };
  for (let i = 1; i < count; i++) {
    note(of.alone, await lap(machines.alone, nodes));
    note(of.two, await lap(machines.two, nodes));
  }
  await machines.alone.close();
  await machines.two.close();
  return of;
}

function firstOf(first: Lap): Laps {
  return { first, best: first };
}

function note(laps: Laps, next: Lap): void {
  if (next.ms < laps.best.ms) laps.best = next;
}

async function compare(nodes: number, count: number): Promise<readonly [Measure, Measure, Measure, first: Measure]> {
  const { alone, two } = await laps(nodes, count);
  const what = `offline of ${nodes} nodes with migration`;
  return [
    { measure: `${what}, in this thread`, value: alone.best.ms, unit: "ms" },
    { measure: `${what}, a page that moves`, value: (alone.best.ms / alone.best.pages) * 1e6, unit: "ns" },
    { measure: `${what}, 2 workers to this thread`, value: two.best.ms / alone.best.ms, unit: "ratio", limit: 0.6 },
    { measure: "the same, the first time after boot", value: two.first.ms / alone.first.ms, unit: "ratio" },
  ];
}

const benchmark: Benchmark = {
  name: "rounds",
  async run() {
    const few = await compare(16, LAPS.few);
    // By now this thread has compiled what the first lap of new workers has to.
    const many = await compare(64, LAPS.many);
    return [...few, ...many.slice(0, 3)];
  },
};
export default benchmark;

import type { Benchmark, Measure } from "./benchmark.ts";
import { dimmBlocks, largeMachine, loadEach } from "./machines.ts";

const LOAD_BYTES = 4 * 2 ** 30;

/** All DIMM blocks of all nodes go offline with memory in use on each, which migrates to other nodes. */
async function offline(nodes: number, workers: number): Promise<{ ms: number; pages: number }> {
  const machine = await largeMachine({ nodes, memory: "8G", dimm: "16G", workers });
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
  await machine.close();
  if (refused.length > 0) throw new Error(`${refused.length} blocks were refused`);
  return { ms, pages };
}

/** The best of a few, by turns. */
async function compare(nodes: number, rounds: number): Promise<Measure[]> {
  let alone = Number.POSITIVE_INFINITY;
  let two = Number.POSITIVE_INFINITY;
  let pages = 0;
  for (let round = 0; round < rounds; round++) {
    const run = await offline(nodes, 0);
    alone = Math.min(alone, run.ms);
    pages = run.pages;
    two = Math.min(two, (await offline(nodes, 2)).ms);
  }
  const what = `offline of ${nodes} nodes with migration`;
  return [
    { measure: `${what}, in this thread`, value: alone, unit: "ms" },
    { measure: `${what}, a page that moves`, value: (alone / pages) * 1e6, unit: "ns" },
    { measure: `${what}, 2 workers to this thread`, value: two / alone, unit: "ratio" },
  ];
}

const benchmark: Benchmark = {
  name: "rounds",
  run: async () => [...(await compare(16, 4)), ...(await compare(64, 2))],
};
export default benchmark;

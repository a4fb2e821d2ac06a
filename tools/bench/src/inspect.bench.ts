import { blockMachine } from "@memhp/block";
import { createInspectionSource } from "@memhp/inspect";
import { createActor, type InspectionEvent, type Observer } from "xstate";
import type { Benchmark, Measure } from "./benchmark.ts";

const BLOCKS = 50;
const CYCLES = 300;
/** Events of one online and one offline that succeed. */
const cycle = [
  { type: "ONLINE", onlineType: "movable" },
  { type: "DONE" },
  { type: "DONE" },
  { type: "DONE" },
  { type: "DONE" },
  { type: "OFFLINE" },
  ...Array.from({ length: 7 }, () => ({ type: "DONE" }) as const),
] as const;

/** Microseconds for one event of a block's actor. */
function costOf(inspect: Observer<InspectionEvent> | undefined): number {
  const actors = Array.from({ length: BLOCKS }, (_, block) =>
    createActor(blockMachine, {
      id: `memory${block}`,
      input: { block, node: 0 },
      ...(inspect === undefined ? {} : { inspect }),
    }).start(),
  );
  const begin = performance.now();
  for (let i = 0; i < CYCLES; i++) for (const event of cycle) actors[i % BLOCKS]?.send(event);
  return ((performance.now() - begin) * 1000) / (CYCLES * cycle.length);
}

const benchmark: Benchmark = {
  name: "inspect",
  async run(): Promise<Measure[]> {
    // Batches are cloned as a port would; the best of several rounds counts, in turn.
    const source = (limit: number): Observer<InspectionEvent> =>
      createInspectionSource({ workerId: "w1", limit, send: structuredClone }).inspect;
    let [alone, counted, shown] = [Infinity, Infinity, Infinity];
    for (let round = 0; round < 10; round++) {
      alone = Math.min(alone, costOf(undefined));
      counted = Math.min(counted, costOf(source(0)));
      shown = Math.min(shown, costOf(source(BLOCKS)));
    }
    return [
      { measure: "one event of a block's actor", value: alone, unit: "µs" },
      { measure: "the same while it is shown, to alone", value: shown / alone, unit: "ratio", limit: 2 },
      { measure: "the same while it is only counted, to alone", value: counted / alone, unit: "ratio", limit: 1.6 },
    ];
  },
};
export default benchmark;

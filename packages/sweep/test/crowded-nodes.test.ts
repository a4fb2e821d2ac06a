import { type LoadKind } from "@memhp/engine";
import { bootMachine, snapshot, type WorkerFactory } from "@memhp/machine";
import { readDocument, StepRunner } from "@memhp/scenario";
import fc from "fast-check";
import { expect, test } from "vitest";
import { slowWorkers } from "../src/fuzz/slow-workers.ts";

/** `MEMHP_CROWDED_CASES=100` tries more. */
const CASES = Number(process.env["MEMHP_CROWDED_CASES"] ?? 5);

/** Kinds whose pages move, each in its own way; those of a balloon take what a zone manages with them. */
const kinds: readonly LoadKind[] = ["anon", "balloon", "file", "thp", "pinned"];

/** Nodes whose loads together hardly find room when blocks leave: rounds in which every page counts. */
function crowded(kernel: string): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const load = fc.record({ kind: fc.constantFrom(...kinds), mib: fc.integer({ min: 50, max: 500 }), node: fc.nat(2) });
  return fc
    .record({
      seed: fc.nat(2 ** 31 - 1),
      loads: fc.array(load, { minLength: 2, maxLength: 5 }),
      words: fc.constantFrom("online", "normal", "movable", "node:0,node:2"),
    })
    .map(({ seed, loads, words }) => ({
      format: "memhp-scenario/1",
      name: `crowded under ${kernel}`,
      kernel,
      seed,
      machine: { nodes: { count: 3, memory: "512M" }, dimms: { per_node: 1, size: "256M" } },
      steps: [
        { op: "online", blocks: "offline", type: "movable" },
        ...loads.map(({ kind, mib, node }, i) => ({
          op: "load",
          id: `l${i}`,
          kind,
          size: `${mib}M`,
          node,
          policy: "prefer",
        })),
        { op: "offline", blocks: words },
        { op: "unload", id: "l0" },
        { op: "offline", blocks: "online" },
      ],
    }));
}

interface Threads {
  readonly workers: number;
  readonly workerFactory: WorkerFactory;
}

/** All that can be seen of a run, and the machine that it leaves: a line each. */
async function seen(plain: Readonly<Record<string, unknown>>, threads?: Threads): Promise<string[]> {
  const { machine: spec, kernel, kernelBlocks, seed, steps } = readDocument(plain, "crowded");
  const machine = await bootMachine(spec, { kernel, kernelBlocks, seed, ...threads });
  const lines: string[] = [];
  machine.listen((event) => lines.push(JSON.stringify(event)));
  const runner = new StepRunner(machine);
  for (const { request } of steps) {
    try {
      lines.push(JSON.stringify(await runner.perform(request)));
    } catch (error) {
      lines.push((error as Error).message);
    }
  }
  await runner.end();
  for (const [part, value] of Object.entries(await snapshot(machine))) lines.push(`${part}: ${JSON.stringify(value)}`);
  await machine.close();
  return lines;
}

test.each(["5.4", "6.8", "7.3"])(
  "property: crowded nodes under %s come to the same on any number of workers, however long their messages take",
  { timeout: 120_000 + CASES * 10_000 },
  async (kernel) => {
    await fc.assert(
      fc.asyncProperty(crowded(kernel), fc.nat(), async (plain, delays) => {
        const alone = await seen(plain);
        const others = await seen(plain, { workers: 2 + (delays % 2), workerFactory: slowWorkers(delays) });
        // Of many long lines those that differ are enough.
        expect(others.filter((line, i) => line !== alone[i]).slice(0, 3)).toEqual([]);
        expect(others.length).toBe(alone.length);
      }),
      { seed: 68, numRuns: CASES, endOnFailure: true },
    );
  },
);

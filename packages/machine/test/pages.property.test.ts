import type { SimEvent } from "@memhp/abi";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";
import { BlockState } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { memoryUse, useMemory } from "./memory-use.ts";

const TIMEOUT_MS = 60_000;
/** Of each kernel; `MEMHP_PAGES_CASES=25` tries more. */
const CASES = Number(process.env["MEMHP_PAGES_CASES"] ?? 12);
/** Three nodes, one of them with no memory until a DIMM comes. */
const spec = parseMachineSpec({
  machine: "pc",
  memory: "1G",
  slots: 8,
  maxmem: "8G",
  smp: 3,
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
    { nodeid: 2, cpus: "2" },
  ],
});

function read(machine: Machine, path: string): string {
  const text = machine.files.read(path);
  if (!text.ok) throw new Error(`${path}: ${text.refusal.errno}`);
  return text.value;
}

/** What files print of the same pages agrees, and with what blocks are online. */
function checkFiles(machine: Machine): void {
  const zoneinfo = read(machine, "/proc/zoneinfo");
  const sum = (text: string, pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  const kb = (name: string): number => sum(read(machine, "/proc/meminfo"), new RegExp(`^${name}: +(\\d+)`, "gm"));
  expect(kb("MemFree")).toBe(4 * sum(zoneinfo, /pages free +(\d+)/g));
  expect(kb("MemTotal")).toBe(4 * sum(zoneinfo, /^ +managed +(\d+)/gm));
  const { blocks } = machine.map;
  const online = [...blocks.ids()].filter((id) => blocks.state(id) === BlockState.online);
  expect(sum(zoneinfo, /^ +present +(\d+)/gm)).toBe(online.reduce((total, id) => total + blocks.presentPages(id), 0));
  // Isolated pages are in the free lists but not free; no offline is under way.
  const chunks = read(machine, "/proc/buddyinfo")
    .trimEnd()
    .split("\n")
    .flatMap((line) =>
      line
        .trim()
        .split(/\s+/)
        .slice(-11)
        .map((count, order) => Number(count) * 2 ** order),
    );
  expect(4 * chunks.reduce((total, pages) => total + pages, 0)).toBe(kb("MemFree"));
}

test.for(kernelIds.map((kernel, i) => ({ kernel, seed: 100 + i })))(
  "$kernel: whatever uses memory and wherever it goes, counters, files and blocks agree after each step",
  { timeout: TIMEOUT_MS },
  async ({ kernel, seed }) => {
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(memoryUse, { minLength: 10, maxLength: 40 }), fc.boolean(), async (steps, isBusy) => {
        const machine = await bootMachine(spec, { kernel, kernelBlocks: isBusy ? undefined : [], seed: 3 });
        for (const [i, step] of steps.entries()) {
          if ((await useMemory(machine, step, i)) === "stuck") return;
          expect(await machine.pages.audit(), `after ${JSON.stringify(step)}`).toEqual([]);
          checkFiles(machine);
        }
        for (const { migrateSuccess } of internalsOf(machine).shards.pages.values()) moved += migrateSuccess;
      }),
      { seed, numRuns: CASES },
    );
    // The runs went where it is difficult.
    expect(moved).toBeGreaterThan(10_000);
  },
);

test(
  "random use of memory gives the same events, results and counters on three workers as in this thread",
  { timeout: TIMEOUT_MS },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(memoryUse, { minLength: 15, maxLength: 30 }),
        fc.constantFrom(...kernelIds),
        async (steps, kernel) => {
          const run = async (workers: number): Promise<string> => {
            const machine = await bootMachine(spec, {
              kernel,
              kernelBlocks: [],
              workers,
              workerFactory,
            });
            const lines: string[] = [];
            machine.listen((event: SimEvent) => lines.push(JSON.stringify(event)));
            for (const [i, step] of steps.entries())
              lines.push(JSON.stringify(await useMemory(machine, step, i)) ?? "");
            lines.push(JSON.stringify([...internalsOf(machine).shards.pages]), String(machine.nowNs));
            await machine.close();
            return lines.join("\n");
          };
          expect(await run(3)).toBe(await run(0));
        },
      ),
      { seed: 9, numRuns: 8 },
    );
  },
);

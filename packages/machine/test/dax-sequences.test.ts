import type { SimEvent } from "@memhp/abi";
import { daxOf } from "@memhp/devices";
import { recountZone } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bootMachine, type Machine, type MachineImage, parseMachineSpec, snapshot, start } from "../src/index.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";
import { memoryUse, type MemoryUse, useMemory } from "./memory-use.ts";

const spec = parseMachineSpec({
  memory: "1G",
  slots: 4,
  maxmem: "4G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
  ],
  dax: [
    { source: "cxl", size: "256M", region: "512M", node: 2 },
    { source: "hmem", mappings: ["256M", "128M"], node: 1 },
    { source: "pmem", size: "512M", node: 0 },
  ],
});

const ids = ["dax0.0", "dax1.0", "dax2.0"] as const;
type DaxUse = {
  readonly id: (typeof ids)[number];
  readonly do: "kmem" | "unbind" | "destroy" | "add" | "grow" | "online" | "offline" | "load" | "unload";
};
type Step = { readonly as: "memory"; readonly use: MemoryUse } | { readonly as: "dax"; readonly use: DaxUse };

const daxUse: fc.Arbitrary<DaxUse> = fc.record({
  id: fc.constantFrom(...ids),
  do: fc.constantFrom<DaxUse["do"][]>(
    ...(["kmem", "kmem", "online", "online", "offline", "unbind", "destroy", "add", "grow", "load", "unload"] as const),
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: memoryUse.map((use) => ({ as: "memory" as const, use })) },
  { weight: 5, arbitrary: daxUse.map((use) => ({ as: "dax" as const, use })) },
);

async function useDax(machine: Machine, { id, do: what }: DaxUse): Promise<unknown> {
  const devices = daxOf(machine);
  const blocks = devices
    .memory()
    .filter((each) => each.id === id)
    .flatMap(({ addr, sizeBytes: size }) => machine.blocksOf({ start: addr, size }));
  if (what === "load") return machine.loadModule("kmem");
  if (what === "unload") return machine.unloadModule("kmem");
  if (what === "destroy") return devices.eject(id);
  if (what === "add") return devices.insert(id);
  if (what === "grow") return devices.resize(id, 2 ** 29);
  if (what === "online") return machine.bulk("online", blocks, "movable");
  if (what === "offline") return machine.bulk("offline", blocks);
  const { driver } = devices.get(id) ?? {};
  if (driver !== undefined) await devices.unbind(id, driver);
  return what === "kmem" ? [await devices.newId(id, "kmem"), await devices.bind(id, "kmem")] : undefined;
}

const perform = (machine: Machine, { as, use }: Step, i: number): Promise<unknown> =>
  as === "memory" ? useMemory(machine, use, i) : useDax(machine, use);

const boot = async (kernel: string): Promise<Machine> => {
  const machine = await bootMachine(spec, { kernel, kernelBlocks: [] });
  await machine.loadModule("kmem");
  return machine;
};

/** The kernel has of a device just what its statechart says, and every counter is what a recount finds. */
async function checkMemory(machine: Machine): Promise<void> {
  expect(await machine.pages.audit()).toEqual([]);
  for (const { id, state, region, blocks } of daxOf(machine).list()) {
    const here = machine.blocksOf({ start: region.start, size: region.end - region.start });
    expect([id, here.length]).toEqual([id, /^(unbound|devdax)$/.test(state) ? 0 : blocks.total]);
  }
  for (const node of machine.map.nodes.values())
    for (const zone of node.zones)
      expect(zone.presentPages).toBe(recountZone(machine.map, node.id, zone.index).presentPages);
}

/** All that can be seen of a machine. */
async function end(machine: Machine, told: readonly string[]): Promise<string[]> {
  const image = JSON.stringify(await snapshot(machine));
  const files = ["/proc/zoneinfo", "/proc/iomem"].map((path) => {
    const read = machine.files.read(path);
    return read.ok ? read.value : String(read.refusal.errno);
  });
  await machine.close();
  return [...told, ...files, image];
}

test.for([
  { kernel: "5.10", workers: 0, seed: 71 },
  { kernel: "6.12", workers: 0, seed: 72 },
  { kernel: "7.3", workers: 3, seed: 73 },
])(
  "$kernel: random use of dax devices loses no page; stopped anywhere, $workers workers go on byte for byte",
  { timeout: 60_000 },
  async ({ kernel, workers, seed }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 25 }), fc.nat(), async (steps, at) => {
        const stop = at % (steps.length + 1);
        const whole: string[] = [];
        const first = await boot(kernel);
        first.listen((event: SimEvent) => whole.push(JSON.stringify(event)));
        for (const [i, each] of steps.entries()) {
          const answer = await perform(first, each, i);
          if (answer === "stuck") return;
          whole.push(JSON.stringify(answer) ?? "");
          await checkMemory(first);
        }
        const expected = await end(first, whole);

        const told: string[] = [];
        const hear = (machine: Machine): unknown => machine.listen((event) => told.push(JSON.stringify(event)));
        const before = await boot(kernel);
        hear(before);
        for (const [i, each] of steps.slice(0, stop).entries())
          told.push(JSON.stringify(await perform(before, each, i)) ?? "");
        const image = JSON.parse(JSON.stringify(await snapshot(before))) as MachineImage;
        await before.close();
        const after = await start(image, { workers, workerFactory: keptWorkers });
        hear(after);
        for (const [i, each] of steps.slice(stop).entries())
          told.push(JSON.stringify(await perform(after, each, stop + i)) ?? "");
        expect(await end(after, told)).toEqual(expected);
      }),
      { seed, numRuns: workers === 0 ? 3 : 1, endOnFailure: true },
    );
  },
);

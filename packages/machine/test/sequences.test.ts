import { containersOf, dimmsOf } from "@memhp/devices";
import type { SimEvent } from "@memhp/abi";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";
import { BlockFlag, BlockState, recountZone } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { CONTAINER_BLOCK, type HotplugLab, hotplugUse, SLOTS, useHotplug } from "./hotplug-use.ts";
import { expectEqual } from "../../../tools/conformance/test/expect-equal.ts";

const BLOCK = 128 * 2 ** 20;
/** Two nodes from boot, and two that come and go with containers, one within the other. */
const spec = parseMachineSpec({
  machine: "pc",
  memory: "2G",
  slots: SLOTS,
  maxmem: "16G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
  containers: [
    {
      id: "c0",
      node: 2,
      memory: [{ id: "cm0", size: "256M" }],
      containers: [{ id: "c1", node: 3, memory: [{ id: "cm1", size: "128M" }] }],
    },
  ],
});

async function boot(kernel: string, workers = 0): Promise<HotplugLab> {
  const machine = await bootMachine(spec, { kernelBlocks: [], kernel, workers, workerFactory });
  const events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  return { machine, events, ejects: 0 };
}

function checkMemory(machine: Machine): void {
  const { map } = machine;
  // Every hot-added block lies in exactly one System RAM resource, and every such resource has its blocks. Of memory that was
  // probed before a larger DIMM came over it, 4.1 forgets the blocks but not the resource (dimm-over-probed.test.ts).
  const ram = internalsOf(machine)
    .parts.physical.iomem.view()
    .filter((entry) => entry.name === "System RAM" && entry.start >= 2 ** 32);
  const blocksOfRam = ram.flatMap((entry) =>
    Array.from({ length: (entry.end + 1 - entry.start) / BLOCK }, (_, i) => entry.start / BLOCK + i),
  );
  const blocks = [...map.blocks.ids()].filter((id) => id >= 32);
  const expected = machine.kernel.config.ARCH_MEMORY_PROBE
    ? blocksOfRam.filter((id) => blocks.includes(id))
    : blocksOfRam;
  expectEqual(
    blocks,
    expected.sort((a, b) => a - b),
  );
  for (const node of map.nodes.values()) {
    for (const zone of node.zones)
      expectEqual(
        [node.id, zone.index, zone.presentPages],
        [node.id, zone.index, recountZone(map, node.id, zone.index).presentPages],
      );
    const present = node.zones.reduce((sum, zone) => sum + zone.presentPages, 0);
    expectEqual([node.presentPages, node.hasMemory], [present, present > 0]);
  }
  const underWay = [...map.blocks.ids()].filter(
    (id) => map.blocks.state(id) !== BlockState.online && map.blocks.state(id) !== BlockState.offline,
  );
  expectEqual(underWay, []);
}

/** Each eject ends with exactly one status, and but for disabled ones (facts §6.3) begins with 0x84. */
function checkOst({ events, ejects }: HotplugLab): void {
  const statuses = events.flatMap((event) =>
    event.type === "acpi_ost" && (event.source === 3 || event.source === 0x103) ? [event.status] : [],
  );
  const ends = statuses.filter((status) => status !== 0x84);
  expect(ends).toHaveLength(ejects);
  expect(statuses).toEqual(ends.flatMap((status) => (status === 0x80 ? [status] : [0x84, status])));
}

test("the containers' memory lies where these tests probe", async () => {
  const { machine } = await boot("4.1");
  expect(
    containersOf(machine)
      .memory()
      .map(({ addr }) => addr / BLOCK),
  ).toEqual([CONTAINER_BLOCK, CONTAINER_BLOCK + 2]);
});

test.each(kernelIds)(
  "%s: random inserts, ejects, onlines, offlines, probes and containers lose and double no memory",
  { timeout: 120_000 },
  async (kernel) => {
    const checked = fc.assert(
      fc.asyncProperty(fc.array(hotplugUse, { minLength: 5, maxLength: 40 }), async (steps) => {
        const lab = await boot(kernel);
        for (const [i, step] of steps.entries()) {
          await useHotplug(lab, step, i);
          checkMemory(lab.machine);
        }
        checkOst(lab);
      }),
      { seed: 41, numRuns: 40 },
    );
    await expect(checked).resolves.toBeUndefined();
  },
);

/** One long sequence for each kernel. */
test.each(kernelIds)(
  "%s: a random sequence gives the same events on 3 workers as in this thread",
  { timeout: 120_000 },
  async (kernel) => {
    const [steps = []] = fc.sample(fc.array(hotplugUse, { minLength: 60, maxLength: 60 }), {
      seed: kernelIds.indexOf(kernel),
      numRuns: 1,
    });
    const run = async (workers: number): Promise<string> => {
      const lab = await boot(kernel, workers);
      const answers: unknown[] = [];
      for (const [i, step] of steps.entries()) answers.push(await useHotplug(lab, step, i));
      await lab.machine.close();
      return JSON.stringify([lab.events, answers]);
    };
    expect(await run(3)).toBe(await run(0));
  },
);

test("a block bound to a device says so, a probed one does not", async () => {
  const machine = await bootMachine(spec, { kernelBlocks: [], kernel: "4.1" });
  await dimmsOf(machine).insert({ id: "d", memdev: "m", sizeBytes: BLOCK, node: 0 });
  await machine.probe(40 * BLOCK);
  expect([32, 40].map((id) => machine.map.blocks.hasFlag(id, BlockFlag.firmware))).toEqual([true, false]);
});

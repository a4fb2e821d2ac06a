import type { SimEvent } from "@memhp/abi";
import { virtioMemsOf } from "@memhp/devices";
import { BlockState, recountZone } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import { type Machine, type MachineImage, snapshot, start } from "../src/index.ts";
import { memoryUse, type MemoryUse, useMemory } from "./memory-use.ts";
import { modes, useVirtioMem, type VirtioMemUse, virtioMemUse, vmemMachine } from "./virtio-mem-use.ts";
import { expectEqual } from "../../../tools/conformance/test/expect-equal.ts";

type Step = { readonly as: "memory"; readonly use: MemoryUse } | { readonly as: "device"; readonly use: VirtioMemUse };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: memoryUse.map((use) => ({ as: "memory" as const, use })) },
  { weight: 4, arbitrary: virtioMemUse.map((use) => ({ as: "device" as const, use })) },
);

const perform = (machine: Machine, { as, use }: Step, i: number): Promise<unknown> =>
  as === "memory" ? useMemory(machine, use, i) : useVirtioMem(machine, use);

/** What is plugged is what the kernel has less what the driver keeps, and every counter is what a recount finds. */
async function checkMemory(machine: Machine): Promise<void> {
  const { map } = machine;
  expectEqual(await machine.pages.audit(), []);
  for (const { id, addr, sizeBytes, pluggedBytes } of virtioMemsOf(machine).list()) {
    const blocks = machine.blocksOf({ start: addr, size: sizeBytes });
    // Of an offline block the shard alone knows what is kept.
    if (blocks.some((block) => map.blocks.state(block) !== BlockState.online)) continue;
    let pages = 0;
    for (const block of blocks) {
      const runs = await machine.pages.runs(block * map.blockPages, map.blockPages);
      const kept = runs.filter(({ page }) => page?.kind === "offline" && page.owner === `virtio_mem ${id}`);
      pages += map.blockPages - kept.reduce((sum, { count }) => sum + count, 0);
    }
    expectEqual([id, pages * machine.pageSize], [id, pluggedBytes]);
  }
  for (const node of map.nodes.values())
    for (const zone of node.zones) expectEqual(zone.presentPages, recountZone(map, node.id, zone.index).presentPages);
}

const cases = ["6.12", "7.3"].flatMap((kernel, k) =>
  modes.map((mode, m) => ({ kernel, mode, seed: 900 + k * 10 + m })),
);

test.for(cases)(
  "$kernel, $mode: random requests under load lose and double no page",
  { timeout: 120_000 },
  async ({ kernel, mode, seed }) => {
    const checked = fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const machine = await vmemMachine({ kernel, mode });
        for (const [i, each] of steps.entries()) {
          if ((await perform(machine, each, i)) === "stuck") return;
          if (
            virtioMemsOf(machine)
              .list()
              .every(({ state }) => state !== "working")
          )
            await checkMemory(machine);
        }
      }),
      { seed, numRuns: 2, endOnFailure: true },
    );
    await expect(checked).resolves.toBeUndefined();
  },
);

/** Time passes until no driver is at work: an image is taken of a machine at rest. */
async function rest(machine: Machine): Promise<void> {
  await machine.idle();
  const isAtWork = (): boolean =>
    virtioMemsOf(machine)
      .list()
      .some(({ state }) => state === "working");
  for (let round = 0; isAtWork() && round < 60; round++) await machine.wait(10e9);
}

/** All that can be seen of a machine. */
async function end(machine: Machine, told: readonly string[]): Promise<string[]> {
  await rest(machine);
  const image = JSON.stringify(await snapshot(machine));
  const files = ["/proc/zoneinfo", "/proc/iomem", "/proc/vmstat"].map((path) => {
    const read = machine.files.read(path);
    return read.ok ? read.value : String(read.refusal.errno);
  });
  await machine.close();
  return [...told, ...files, image];
}

async function play(machine: Machine, told: string[], steps: readonly Step[], from: number, to: number): Promise<void> {
  for (const [offset, step] of steps.slice(from, to).entries())
    told.push(JSON.stringify(await perform(machine, step, from + offset)) ?? "");
}

test.for(cases.map((each, i) => ({ ...each, workers: i % 3 === 0 ? 3 : 0 })))(
  "$kernel, $mode: stopped anywhere and started again on $workers workers, a machine goes on byte for byte",
  { timeout: 120_000 },
  async ({ kernel, mode, workers, seed }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), fc.nat(), async (steps, at) => {
        const stop = at % (steps.length + 1);
        const whole: string[] = [];
        const first = await vmemMachine({ kernel, mode });
        first.listen((event: SimEvent) => whole.push(JSON.stringify(event)));
        await play(first, whole, steps, 0, stop);
        await rest(first);
        await play(first, whole, steps, stop, steps.length);
        const expected = await end(first, whole);

        const told: string[] = [];
        const before = await vmemMachine({ kernel, mode });
        before.listen((event: SimEvent) => told.push(JSON.stringify(event)));
        await play(before, told, steps, 0, stop);
        await rest(before);
        const image = JSON.parse(JSON.stringify(await snapshot(before))) as MachineImage;
        await before.close();
        const after = await start(image, { workers, workerFactory });
        after.listen((event: SimEvent) => told.push(JSON.stringify(event)));
        await play(after, told, steps, stop, steps.length);
        expect(await end(after, told)).toEqual(expected);
      }),
      { seed, numRuns: workers === 0 ? 2 : 1, endOnFailure: true },
    );
  },
);

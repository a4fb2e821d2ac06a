import { dimmsOf } from "@memhp/devices";
import { KernelBug } from "@memhp/acpi";
import { kernels } from "@memhp/kernels";
import { nodeOf } from "@memhp/engine";
import { afterEach, describe, expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

const BLOCK = 128 * 2 ** 20;
const DIMM = 2 ** 32;
const NORMAL = 2;
const spec = parseMachineSpec({
  machine: "pc",
  memory: "2G",
  slots: 8,
  maxmem: "16G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
});

const machines: Machine[] = [];
afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.close();
});

/** Blocks of 128 MiB are probed, which makes them node 0's, and then a DIMM of node 1 comes over them. */
async function dimmOverProbed(probed: readonly number[], dimmBlocks: number, workers = 0): Promise<Machine> {
  const machine = await bootMachine(spec, { kernel: "4.1", kernelBlocks: [], workers, workerFactory: keptWorkers });
  machines.push(machine);
  for (const block of probed) await machine.probe(block * BLOCK);
  const plugged = await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: dimmBlocks * BLOCK, node: 1 });
  expect(plugged).toMatchObject({ ok: true, value: { addr: DIMM } });
  return machine;
}

const hotBlocks = (machine: Machine): number[] => [...machine.map.blocks.ids()].filter((id) => id >= 32);
const hotRam = (machine: Machine): string[] =>
  internalsOf(machine)
    .parts.physical.iomem.view()
    .filter(({ name, start }) => name === "System RAM" && start >= DIMM)
    .map(({ start, end }) => `${start.toString(16)}-${end.toString(16)}`);
const spansOf = (machine: Machine, id: number): number[][] => {
  const node = nodeOf(machine.map, id);
  return [node, node.zones[NORMAL]].map(({ startPfn, spannedPages }) => [startPfn, spannedPages]);
};

describe("4.1: a DIMM over memory that was probed (observed-4.1 §7: probe-then-dimm)", () => {
  test("binds the probed blocks, which stay where they were, and adds nothing", async () => {
    const machine = await dimmOverProbed([32], 2);
    expect(hotBlocks(machine)).toEqual([32]);
    expect(machine.acpi.companionOf(32)).toBeDefined();
    expect(spansOf(machine, 0)).toEqual([
      [1, 0x107fff],
      [0x100000, 0x8000],
    ]);
  });

  for (const workers of [0, 2]) {
    test(`its eject takes the blocks from the node that has them (${workers} workers; facts §5.2: the zone of the first page)`, async () => {
      const machine = await dimmOverProbed([32], 2, workers);
      await machine.online(32, "online");
      expect(await dimmsOf(machine).eject("d0")).toMatchObject({ ok: true, value: { ok: true } });
      expect(hotBlocks(machine)).toEqual([]);
      expect(dimmsOf(machine).list()).toEqual([]);
      // Node 0 keeps nothing of it, and node 1 never had any. The last page below 2 GiB has a struct page of zeros, which reads
      // as node 0 (observed-4.1 Q7), so that node 0's span ends there, behind node 1.
      expect(spansOf(machine, 0)).toEqual([
        [1, 0x7ffff],
        [0, 0],
      ]);
      expect(spansOf(machine, 1)).toEqual([
        [0x40000, 0x3ffe0],
        [0, 0],
      ]);
    });
  }

  test("no System RAM entry holds the whole DIMM, so the probed one stays, and what comes there later adds no block (facts §5.2)", async () => {
    const machine = await dimmOverProbed([32], 2);
    await dimmsOf(machine).eject("d0");
    expect(hotRam(machine)).toEqual(["100000000-107ffffff"]);
    expect(await machine.probe(32 * BLOCK)).toMatchObject({ ok: false, refusal: { errno: "EEXIST" } });
    await dimmsOf(machine).insert({ id: "d1", memdev: "m1", sizeBytes: 2 * BLOCK, node: 0 });
    expect(hotBlocks(machine)).toEqual([]);
  });

  test("a DIMM of the probed size takes its System RAM entry along", async () => {
    const machine = await dimmOverProbed([32], 1);
    await dimmsOf(machine).eject("d0");
    expect(hotRam(machine)).toEqual([]);
  });

  test("removal ends at the first section that is not there (facts §5.2: __remove_pages)", async () => {
    const machine = await dimmOverProbed([32, 34], 4);
    expect(hotBlocks(machine)).toEqual([32, 34]);
    await dimmsOf(machine).eject("d0");
    expect(hotBlocks(machine)).toEqual([34]);
  });

  test("the kernel does not survive an eject where the DIMM's first section is not there: it asks its first page for the zone", async () => {
    const machine = await dimmOverProbed([33], 2);
    await expect(dimmsOf(machine).eject("d0")).rejects.toThrow(KernelBug);
  });
});

describe("a DIMM of 100M over memory that a driver has added", () => {
  const MIB = 2 ** 20;

  async function overAdded(kernel: string): Promise<Machine> {
    const machine = await bootMachine(spec, { kernel, kernelBlocks: [] });
    machines.push(machine);
    machine.autoOnline = "offline";
    expect(await machine.add({ start: DIMM, size: 2 * BLOCK }, { node: 0 })).toMatchObject({ ok: true });
    const plugged = await dimmsOf(machine).insert({
      id: "d0",
      memdev: "m0",
      sizeBytes: 100 * MIB,
      addr: DIMM,
      node: 0,
    });
    expect(plugged).toMatchObject({ ok: true, value: { addr: DIMM } });
    return machine;
  }

  // mm/memory_hotplug.c: the resource is asked for first, and EEXIST counts as there already (drivers/acpi/acpi_memhotplug.c);
  // remove_memory then begins with BUG_ON(check_hotplug_memory_range()).
  const later = kernels.map(({ id }) => id).filter((id) => !id.startsWith("4.1-") && id !== "4.1");

  test.each(later)("%s takes it for there already, and does not survive its eject", async (kernel) => {
    const machine = await overAdded(kernel);
    expect(machine.acpi.companionOf(32)).toBeDefined();
    await expect(dimmsOf(machine).eject("d0")).rejects.toThrow(KernelBug);
    expect(machine.map.blocks.has(32)).toBe(true);
  });

  test("4.1 looks at the size first, takes nothing of it and lets it go", async () => {
    const machine = await overAdded("4.1");
    expect(machine.acpi.companionOf(32)).toBeUndefined();
    expect(await dimmsOf(machine).eject("d0")).toMatchObject({ ok: true });
    expect(hotBlocks(machine)).toEqual([32, 33]);
  });
});

import { dimmsOf } from "@memhp/devices";
import { type Result, type SimEvent } from "@memhp/abi";
import { KernelBug } from "@memhp/acpi";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";
import { type Platform, platformOf } from "@memhp/platforms";

const BLOCK = 128 * 2 ** 20;
const kernels = ["4.1", "4.1-nomn", "6.1", "6.12"];
const kernels6 = ["6.1", "6.12"];
const spec = parseMachineSpec({
  machine: "pc",
  memory: "2G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
  cmdline: "memhp_default_state=offline",
});
const blocks = (first: number, count: number): { start: number; size: number } => ({
  start: first * BLOCK,
  size: count * BLOCK,
});
const errno = (result: Result<void>): string => (result.ok ? "done" : String(result.refusal.errno));
const hotBlocks = (machine: Machine): number[] => [...machine.map.blocks.ids()].filter((id) => id >= 32);

test.each(["4.1", "6.12"])(
  "%s: a removal over two nodes takes the blocks of both, whoever holds the nodes",
  async (kernel) => {
    const run = async (workers: number): Promise<unknown> => {
      const machine = await bootMachine(spec, { kernel, workers, workerFactory: keptWorkers });
      const events: SimEvent[] = [];
      machine.listen((event) => events.push(event));
      await machine.add(blocks(40, 2), { node: 0 });
      await machine.add(blocks(42, 2), { node: 1 });
      expect(errno(await machine.remove(blocks(41, 2)))).toBe("done");
      expect(hotBlocks(machine)).toEqual([40, 43]);
      const ram = internalsOf(machine)
        .parts.physical.iomem.view()
        .filter(({ name, start }) => name === "System RAM" && start >= 2 ** 32);
      await machine.close();
      // No entry holds the whole range, so the kernel warns and leaves them (facts §5.2: release_mem_region_adjustable).
      expect(ram.map(({ start, end }) => [start / BLOCK, (end + 1) / BLOCK])).toEqual([
        [40, 42],
        [42, 44],
      ]);
      return events;
    };
    expect(await run(2)).toEqual(await run(0));
  },
);

test.each(kernels6)(
  "%s: what ends beyond 52 bits is E2BIG, what only this processor lacks is EEXIST (l_add_memory_errnos)",
  async (kernel) => {
    const machine = await bootMachine(spec, { kernel });
    const log: string[] = [];
    machine.listen((event) => event.type === "log" && log.push(event.text));
    const add = async (start: number): Promise<string> => errno(await machine.add({ start, size: BLOCK }, { node: 1 }));
    expect([await add(0x4000000000000), await add(0xf000000000000), await add(2 ** 52 - BLOCK)]).toEqual([
      "EEXIST",
      "EEXIST",
      "EEXIST",
    ]);
    expect([await add(2 ** 52), await add(2 ** 52 - BLOCK / 2)]).toEqual(["E2BIG", "E2BIG"]);
    expect(log[0]).toBe(
      "Hotplug memory [0x10000000000000-0x10000008000000] exceeds maximum addressable range [0x0-0xfffffffffffff]",
    );
  },
);

test.each(["4.1", "4.1-nomn"])("%s knows no such limit: the resource is in the way", async (kernel) => {
  const machine = await bootMachine(spec, { kernel });
  expect(errno(await machine.add({ start: 2 ** 52, size: BLOCK }, { node: 1 }))).toBe("EEXIST");
});

test.each(kernels)("%s does not survive remove_memory of what is no whole blocks (facts §5.2)", async (kernel) => {
  const machine = await bootMachine(spec, { kernel });
  const log: string[] = [];
  machine.listen((event) => event.type === "log" && log.push(event.text));
  await machine.add(blocks(40, 2), { node: 0 });
  await expect(machine.remove({ start: 40 * BLOCK, size: BLOCK / 2 })).rejects.toThrow(KernelBug);
  await expect(machine.remove({ start: 40 * BLOCK, size: 0 })).rejects.toThrow(KernelBug);
  expect(hotBlocks(machine)).toEqual([40, 41]);
  expect(log.at(-1)).toContain("ligned hotplug range: start 0x140000000, size 0x0");
});

test("remove_memory of online memory: 4.1 dies, 6.x refuses (facts §5.2)", async () => {
  for (const kernel of kernels) {
    const machine = await bootMachine(spec, { kernel });
    await machine.add(blocks(40, 1), { node: 0 });
    await machine.online(40, "online");
    const removing = machine.remove(blocks(40, 1));
    if (kernels6.includes(kernel)) expect(errno(await removing)).toBe("EBUSY");
    else await expect(removing).rejects.toThrow(KernelBug);
    expect(hotBlocks(machine)).toEqual([40]);
  }
});

test("a block whose memmap would end inside a pageblock, or fill it, holds none (facts §5.3)", async () => {
  const own = async (platform: Platform, option: string): Promise<number> => {
    const machine = await bootMachine(
      parseMachineSpec({
        nodes: { count: 1, memory: "4G" },
        block_size: 2 ** platform.arch.sectionSizeBits,
        dimms: { per_node: 1, size: "256M" },
        cmdline: `memory_hotplug.memmap_on_memory=${option}`,
      }),
      { kernel: "6.12", platform },
    );
    const [first = 0] = machine.blocksOf({ start: dimmsOf(machine).list()[0]?.addr ?? 0, size: BLOCK });
    return machine.map.blocks.altmapPages(first);
  };
  const x86_64 = platformOf("x86_64");
  expect(await own(x86_64, "Y")).toBe(512);
  // 64 pages of a block of 4096, which is one pageblock, as POWER has them: a platform of the caller's own.
  const arch = { ...x86_64.arch, sectionSizeBits: 24, maxPageOrder: 12, pageblockOrder: 12 };
  const small: Platform = { ...x86_64, arch };
  expect([await own(small, "Y"), await own(small, "force")]).toEqual([0, 0]);
});

test.each(["4.1", "6.12"])(
  "%s: a DIMM takes along memory of other nodes that lay under it, whoever holds the nodes (facts §6.1: EEXIST)",
  async (kernel) => {
    const run = async (workers: number): Promise<unknown> => {
      const machine = await bootMachine(spec, { kernel, workers, workerFactory: keptWorkers });
      const events: SimEvent[] = [];
      machine.listen((event) => events.push(event));
      await machine.add(blocks(32, 1), { node: 0 });
      await machine.add(blocks(33, 1), { node: 1 });
      await dimmsOf(machine).insert({ id: "d", memdev: "m", sizeBytes: 2 * BLOCK, node: 1 });
      expect([32, 33].map((id) => machine.acpi.companionOf(id)?.kind)).toEqual(["memory", "memory"]);
      const links = [32, 33].map((id) =>
        machine.files.readlink(`/sys/devices/system/memory/memory${id}/firmware_node`),
      );
      expect(links.map((link) => link.ok)).toEqual([true, true]);
      await dimmsOf(machine).eject("d");
      expect(hotBlocks(machine)).toEqual([]);
      await machine.close();
      return events;
    };
    expect(await run(2)).toEqual(await run(0));
  },
);

import { done } from "@memhp/abi";
import { expect, test } from "vitest";
import { PhysicalNodes } from "../src/physical-node.ts";
import { bench, BLOCK, HIGH, kernels, memoryDevice, refusal } from "./fake-kernel.ts";

const MEM = "\\_SB_.MEM0";

test.each(kernels)("%s: the boot scan adds a present device and binds each of its blocks", async (id) => {
  const { acpi, kernel, state } = bench(id, [memoryDevice("MEM0", HIGH, 2, { _PXM: 1 })]);
  await acpi.boot();
  expect(state(MEM)).toBe("attached");
  expect(kernel.nodes.get(HIGH)).toBe(1);
  expect(acpi.companionOf(HIGH + 1)?.node.path).toBe(MEM);
  expect([...(acpi.device(MEM)?.physicalNodes ?? [])].map(({ id, device }) => [id, device.devpath])).toEqual([
    [0, "/devices/system/memory/memory32"],
    [1, "/devices/system/memory/memory33"],
  ]);
});

test.each([
  ["not enabled", 0x9],
  ["not functioning", 0x3],
])("a device that is present but %s stays unclaimed (facts/kernel.md §6.1)", async (_what, _STA) => {
  const { acpi, kernel, state } = bench("6.1", [memoryDevice("MEM0", HIGH, 1, { _STA })]);
  await acpi.boot();
  expect(state(MEM)).toBe("present.unclaimed");
  expect(kernel.blocks.size).toBe(0);
});

test("a device without _STA counts as present, but the memory driver does not take it (facts/kernel.md §6.1)", async () => {
  const { _STA, ...withoutSta } = memoryDevice("MEM0", HIGH, 1);
  const { acpi, state } = bench("6.1", [withoutSta]);
  await acpi.boot();
  expect(state(MEM)).toBe("present.unclaimed");
});

test("an empty slot stays absent", async () => {
  const { acpi, state } = bench("6.1", [memoryDevice("MEM0", HIGH, 1, { _STA: 0 })]);
  await acpi.boot();
  expect(state(MEM)).toBe("absent");
});

test("memory that is there already counts as added: EEXIST (facts/kernel.md §6.1)", async () => {
  const { acpi, kernel, state } = bench("4.1", [memoryDevice("MEM0", HIGH, 1)]);
  kernel.addBoot(HIGH);
  await acpi.boot();
  expect(state(MEM)).toBe("attached");
  expect(acpi.companionOf(HIGH)?.node.path).toBe(MEM);
});

test("one range that is added is enough", async () => {
  const _CRS = [
    { type: "memory", start: HIGH * BLOCK, size: BLOCK },
    { type: "memory", start: (HIGH + 4) * BLOCK, size: BLOCK },
  ] as const;
  const { acpi, kernel, state } = bench("6.1", [memoryDevice("MEM0", 0, 0, { _CRS })]);
  kernel.refusesAdd.set(HIGH * BLOCK, refusal("EINVAL", "unaligned"));
  await acpi.boot();
  expect(state(MEM)).toBe("attached");
  expect([...kernel.blocks.keys()]).toEqual([HIGH + 4]);
});

test.each(kernels)("%s: no range that can be added: EINVAL and `add_memory failed`", async (id) => {
  const { acpi, kernel, state } = bench(id, [memoryDevice("MEM0", HIGH, 1)]);
  kernel.refusesAdd.set(HIGH * BLOCK, refusal("EINVAL", "unaligned"));
  await acpi.boot();
  expect(state(MEM)).toBe("present.failed");
  expect(kernel.logged).toEqual([
    "acpi PNP0C80:00: add_memory failed",
    "acpi PNP0C80:00: acpi_memory_enable_device() error",
  ]);
  expect(kernel.groups.size).toBe(0);
});

test.each([
  ["4.1", "add_memory failed"],
  ["6.1", "device is empty"],
  ["6.12", "device is empty"],
])("%s: a device of no bytes fails with `%s` (facts/kernel.md §6.1)", async (id, text) => {
  const { acpi, kernel, state } = bench(id, [memoryDevice("MEM0", HIGH, 0)]);
  await acpi.boot();
  expect(state(MEM)).toBe("present.failed");
  expect(kernel.logged[0]).toBe(`acpi PNP0C80:00: ${text}`);
});

test.each([undefined, "fails"] as const)("_CRS %s: EINVAL (facts/kernel.md §6.1)", async (_CRS) => {
  const { _CRS: _gone, ...device } = memoryDevice("MEM0", HIGH, 1);
  const { acpi, state } = bench("6.1", [_CRS === undefined ? device : { ...device, _CRS }]);
  await acpi.boot();
  expect(state(MEM)).toBe("present.failed");
  const found = acpi.device(MEM);
  expect(found?.kind === "memory" && found.life.failure?.errno).toBe("EINVAL");
});

test("one block that cannot be bound: ENODEV, and the range's other blocks are unbound again (facts/kernel.md §6.1)", async () => {
  const { acpi, kernel, state } = bench("6.1", [memoryDevice("MEM0", HIGH, 3)]);
  kernel.refusesBind.add(HIGH + 1);
  await acpi.boot();
  expect(state(MEM)).toBe("present.failed");
  expect(acpi.companionOf(HIGH)).toBeUndefined();
  const found = acpi.device(MEM);
  expect(found?.kind === "memory" && found.life.failure?.errno).toBe("ENODEV");
});

test("a block describes one device: a second one over the same memory fails with ENODEV, and unbinds the first one's blocks", async () => {
  const { acpi, state } = bench("6.1", [memoryDevice("MEM0", HIGH, 1), memoryDevice("MEM1", HIGH, 1)]);
  await acpi.boot();
  expect([state(MEM), state("\\_SB_.MEM1")]).toEqual(["attached", "present.failed"]);
  // The kernel's clean-up asks the blocks whom they belong to, not whom it bound them to.
  expect(acpi.companionOf(HIGH)).toBeUndefined();
});

test("a device whose driver failed hides the devices in it", async () => {
  const { acpi, kernel, state } = bench("6.1", [
    memoryDevice("MEM0", HIGH, 1, { children: [memoryDevice("MEM1", HIGH + 1, 1)] }),
  ]);
  kernel.refusesAdd.set(HIGH * BLOCK, refusal("EINVAL", "unaligned"));
  await acpi.boot();
  expect([state(MEM), state(`${MEM}.MEM1`)]).toEqual(["present.failed", "absent"]);
  kernel.refusesAdd.clear();
  await acpi.notify(MEM, 1);
  expect([state(MEM), state(`${MEM}.MEM1`)]).toEqual(["attached", "attached"]);
});

test.each([
  ["4.1", "group -1"],
  ["6.1", "group 0"],
])("%s: all ranges of a device are added to one node and %s (facts/kernel.md §6.1)", async (id, group) => {
  const _CRS = [
    { type: "memory", start: HIGH * BLOCK, size: BLOCK },
    { type: "memory", start: (HIGH + 4) * BLOCK, size: 2 * BLOCK },
  ] as const;
  const { acpi, kernel } = bench(id, [memoryDevice("MEM0", 0, 0, { _CRS, _PXM: 2 })]);
  await acpi.boot();
  expect(kernel.journal.filter((line) => line.startsWith("add "))).toEqual([
    `add 32+1 node 2 ${group}`,
    `add 36+2 node 2 ${group}`,
  ]);
  if (id !== "4.1") expect(kernel.groups.get(0)).toBe(3 * BLOCK);
});

test("a proximity domain that the kernel does not know: the node of the address", async () => {
  const { acpi, kernel } = bench("6.1", [memoryDevice("MEM0", HIGH, 1, { _PXM: 99 })]);
  await acpi.boot();
  expect(kernel.nodes.get(HIGH)).toBe(0);
});

test("acpi_no_memhotplug: nothing is attached (facts/kernel.md §6.1)", async () => {
  const { acpi, kernel, state } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)], { noMemoryHotplug: true });
  await acpi.boot();
  expect(state(MEM)).toBe("present.unclaimed");
  expect(kernel.blocks.size).toBe(0);
  expect(acpi.hotplugProfiles()).toEqual(["pci_root", "processor"]);
});

test("a physical device takes the lowest free node id (`physical_node`, `physical_node1`, …)", () => {
  const nodes = new PhysicalNodes();
  const bind = (devpath: string): void =>
    nodes.bind({
      devpath,
      logName: "",
      subsystem: "",
      isOffline: () => true,
      offline: async () => done(false),
      online: async () => done(true),
    });
  for (const devpath of ["a", "b", "c"]) bind(devpath);
  nodes.unbind("b");
  bind("d");
  bind("e");
  expect([...nodes].map(({ id, device }) => `${id}${device.devpath}`)).toEqual(["0a", "1d", "2c", "3e"]);
});

test("a block that leaves by another way is unbound", async () => {
  const { acpi, kernel } = bench("6.1", [memoryDevice("MEM0", HIGH, 2)]);
  await acpi.boot();
  await acpi.blocksRemoved([HIGH]);
  kernel.blocks.delete(HIGH);
  expect([...(acpi.device(MEM)?.physicalNodes ?? [])].map(({ id }) => id)).toEqual([1]);
});

import { expect, test } from "vitest";
import { type Bench, bench, BLOCK, emptySlot, HIGH, kernels, memoryDevice } from "./fake-kernel.ts";

const BRD = "\\_SB_.BRD0";
const MEM = "\\_SB_.BRD0.MEM0";
const OTHER = "\\_SB_.BRD0.MEM1";
const board = (more = {}) => [
  {
    name: "BRD0",
    _HID: "ACPI0004",
    _OST: true,
    _EJ0: true,
    _STA: 0xf,
    children: [emptySlot("MEM0"), emptySlot("MEM1")],
    ...more,
  },
];

/** MEM0 has blocks 32 to 34, MEM1 has 40; all online. */
async function filled(id: string, options: Parameters<typeof bench>[2] = {}): Promise<Bench> {
  const made = bench(id, board(), options);
  await made.acpi.boot();
  await made.insert(MEM, HIGH, 3);
  await made.insert(OTHER, HIGH + 8, 1);
  for (const block of made.kernel.blocks.keys()) made.kernel.online(block);
  made.kernel.since();
  return made;
}

test.each(kernels)(
  "%s: _OST(3, 0x84) first, blocks offline ascending, then removed, then _OST(3, 0) (observed-6 §8)",
  async (id) => {
    const { acpi, kernel, state } = await filled(id);
    expect(await acpi.notify(MEM, 3)).toMatchObject({ errno: 0, status: 0 });
    expect(kernel.since()).toEqual([
      "ost 0x3 0x84",
      "offline@memory32",
      "offline@memory33",
      "offline@memory34",
      "remove@memory32",
      "remove@memory33",
      "remove@memory34",
      "ost 0x3 0x0",
    ]);
    expect(state(MEM)).toBe("absent");
    expect(kernel.groups.size).toBe(id === "4.1" ? 0 : 1);
  },
);

test("sysfs eject: in progress has source 3, the final _OST has source 0x103 (facts/kernel.md §6.3)", async () => {
  const { acpi, kernel } = await filled("6.1");
  expect(acpi.requestEject(MEM).ok).toBe(true);
  expect(kernel.since()).toEqual([]);
  await acpi.idle();
  expect(kernel.since().filter((line) => line.startsWith("ost"))).toEqual(["ost 0x3 0x84", "ost 0x103 0x0"]);
});

test.each([
  ["4.1", 0x1],
  ["6.1", 0x82],
  ["6.12", 0x82],
])("%s: a busy block: pass 1 goes on, pass 2 tries again and stops, all back, _OST(3, 0x%x)", async (id, status) => {
  const { acpi, kernel, state } = await filled(id);
  kernel.busy.set(HIGH + 1, 99);
  expect(await acpi.notify(MEM, 3)).toMatchObject({ errno: "EBUSY", status, refusals: [{ block: 33 }, { block: 33 }] });
  expect(kernel.since()).toEqual([
    "ost 0x3 0x84",
    "offline@memory32",
    "busy memory33",
    "offline@memory34",
    "busy memory33",
    "online@memory32",
    "online@memory34",
    `ost 0x3 0x${status.toString(16)}`,
  ]);
  expect(kernel.logged).toContain("memory memory33: Offline failed.");
  expect(state(MEM)).toBe("attached");
});

test("a block that only the first pass could not take: the second takes it and the eject goes through", async () => {
  const { acpi, kernel } = await filled("4.1");
  kernel.busy.set(HIGH, 1);
  expect(await acpi.notify(MEM, 3)).toMatchObject({ errno: 0, status: 0 });
  expect(kernel.since().slice(1, 5)).toEqual([
    "busy memory32",
    "offline@memory33",
    "offline@memory34",
    "offline@memory32",
  ]);
});

test("the second pass stops at its first failure", async () => {
  const { acpi, kernel } = await filled("6.1");
  kernel.busy.set(HIGH, 99);
  kernel.busy.set(HIGH + 1, 99);
  await acpi.notify(MEM, 3);
  expect(kernel.since().filter((line) => line.startsWith("busy"))).toEqual([
    "busy memory32",
    "busy memory33",
    "busy memory32",
  ]);
});

test("a roll-back leaves offline what was offline before (facts/kernel.md §6.3)", async () => {
  const { acpi, kernel } = await filled("6.1");
  kernel.blocks.set(HIGH, "offline");
  kernel.busy.set(HIGH + 1, 99);
  await acpi.notify(MEM, 3);
  expect([...kernel.blocks.values()].slice(0, 3)).toEqual(["offline", "online", "online"]);
});

test("a failed eject may be tried again and succeed (observed-6 §8)", async () => {
  const { acpi, kernel, state } = await filled("6.1");
  kernel.busy.set(HIGH + 1, 2);
  await acpi.notify(MEM, 3);
  expect(await acpi.notify(MEM, 3)).toMatchObject({ errno: 0 });
  expect(kernel.osts.slice(-4).map(({ status }) => status)).toEqual([0x84, 0x82, 0x84, 0]);
  expect(state(MEM)).toBe("absent");
});

test.each(kernels)(
  "%s: eject disabled: EPERM, _OST(3, 0x80) at once and no 0x84; inserts go on (6.1: x_acpi_hotplug_profile)",
  async (id) => {
    const { acpi, kernel, insert } = await filled(id);
    acpi.setHotplugEnabled("memory", false);
    expect(await acpi.notify(MEM, 3)).toMatchObject({ errno: "EPERM", refusals: [{ code: "eject_disabled" }] });
    expect(kernel.since()).toEqual(["ost 0x3 0x80"]);
    expect(kernel.logged.at(-1)).toBe("acpi PNP0C80:00: Eject disabled");
    acpi.setHotplugEnabled("memory", true);
    await acpi.notify(OTHER, 3);
    acpi.setHotplugEnabled("memory", false);
    await insert(OTHER, HIGH + 8, 1);
    expect(kernel.blocks.has(HIGH + 8)).toBe(true);
  },
);

test("an empty slot or a failed device ejects at once: nothing to offline (6.1: b_dimm_odd_sizes)", async () => {
  const { acpi, kernel } = bench("6.1", board());
  await acpi.boot();
  kernel.since();
  expect(await acpi.notify(MEM, 3)).toMatchObject({ errno: 0 });
  expect(kernel.since()).toEqual(["ost 0x3 0x84", "ost 0x3 0x0"]);
});

test.each(kernels)("%s: without _EJ0 the memory is gone and the answer is ENODEV, _OST 0x1", async (id) => {
  const { acpi, kernel, state } = bench(id, [{ ...memoryDevice("MEM0", HIGH, 1), _EJ0: false }]);
  await acpi.boot();
  expect(await acpi.notify("\\_SB_.MEM0", 3)).toMatchObject({ errno: "ENODEV", status: 1 });
  expect(kernel.blocks.size).toBe(0);
  // 6.12 holds on to the device until _STA says that it is gone.
  expect(state("\\_SB_.MEM0")).toBe(id === "6.12" ? "held" : "present.released");
});

test("_EJ0 that fails: EIO, _OST 0x1", async () => {
  const { acpi, kernel } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)]);
  await acpi.boot();
  kernel.since();
  Object.assign(acpi.ports.firmware, { eject: () => false });
  expect(await acpi.notify("\\_SB_.MEM0", 3)).toMatchObject({ errno: "EIO", status: 1 });
});

test.each([
  ["4.1", "attached"],
  ["6.1", "attached"],
  ["6.12", "held"],
])(
  "%s: firmware that keeps the device: `Eject incomplete`, result 0; a device check then leaves it %s",
  async (id, state) => {
    const made = bench(id, [memoryDevice("MEM0", HIGH, 1)]);
    const { acpi, kernel } = made;
    await acpi.boot();
    Object.assign(acpi.ports.firmware, { eject: () => true });
    expect(await acpi.notify("\\_SB_.MEM0", 3)).toMatchObject({ errno: 0, status: 0 });
    expect(kernel.logged.at(-1)).toBe("acpi PNP0C80:00: Eject incomplete - status 0xf");
    await acpi.notify("\\_SB_.MEM0", 1);
    expect(made.state("\\_SB_.MEM0")).toBe(state);
  },
);

test("4.1, force_remove: failures do not count, and online memory that is removed is a kernel BUG (facts/kernel.md §6.6)", async () => {
  const { acpi, kernel } = await filled("4.1");
  acpi.setForceRemove(true);
  kernel.busy.set(HIGH, 99);
  await expect(acpi.notify(MEM, 3)).rejects.toThrow(/^kernel BUG/);
  expect(kernel.since()).toEqual(["ost 0x3 0x84", "busy memory32", "offline@memory33", "offline@memory34"]);
});

test("6.x: force_remove cannot be set", () => {
  const { acpi } = bench("6.1", board());
  expect(() => acpi.setForceRemove(true)).toThrow(RangeError);
});

/** An ancestor that demands no offline: a kernel without the container driver. */
const noContainers = { config: { ACPI_CONTAINER: false } };

test("an eject walks descendants in post-order, in namespace order, and rolls all of them back", async () => {
  const { acpi, kernel, state } = await filled("6.1", noContainers);
  kernel.busy.set(HIGH + 8, 99);
  expect(await acpi.notify(BRD, 3)).toMatchObject({ errno: "EBUSY" });
  expect(kernel.since()).toEqual([
    "ost 0x3 0x84",
    "offline@memory32",
    "offline@memory33",
    "offline@memory34",
    "busy memory40",
    "busy memory40",
    "online@memory32",
    "online@memory33",
    "online@memory34",
    "ost 0x3 0x82",
  ]);
  expect([state(MEM), state(OTHER)]).toEqual(["attached", "attached"]);
});

test("an eject of an ancestor trims the last child first (facts/kernel.md §6.3)", async () => {
  const { acpi, kernel, state } = await filled("6.1", noContainers);
  expect(await acpi.notify(BRD, 3)).toMatchObject({ errno: 0, status: 0 });
  expect(kernel.since().filter((line) => line.startsWith("remove"))).toEqual([
    "remove@memory40",
    "remove@memory32",
    "remove@memory33",
    "remove@memory34",
  ]);
  expect([state(MEM), state(OTHER)]).toEqual(["absent", "absent"]);
});

test("a descendant with ejects disabled stops the walk with EPERM; what was offlined is online again", async () => {
  const { acpi, kernel } = await filled("6.1", noContainers);
  acpi.setHotplugEnabled("memory", false);
  expect(await acpi.notify(BRD, 3)).toMatchObject({ errno: "EPERM", status: 0x80 });
  expect(kernel.since()).toEqual(["ost 0x3 0x84", "ost 0x3 0x80"]);
  expect(kernel.logged.at(-1)).toBe("acpi PNP0C80:00: Offline disabled.");
});

test("after an eject the slot takes another device", async () => {
  const { acpi, kernel, insert, state } = await filled("6.12");
  await acpi.notify(MEM, 3);
  await insert(MEM, HIGH + 16, 2);
  expect(state(MEM)).toBe("attached");
  expect(kernel.blocksOf({ start: (HIGH + 16) * BLOCK, size: 2 * BLOCK })).toHaveLength(2);
});

test("6.12: a device that firmware kept can be ejected again, and then comes back", async () => {
  const { acpi, kernel, state } = bench("6.12", [memoryDevice("MEM0", HIGH, 1)]);
  await acpi.boot();
  const { firmware } = acpi.ports;
  Object.assign(firmware, { eject: () => true });
  await acpi.notify("\\_SB_.MEM0", 3);
  expect(state("\\_SB_.MEM0")).toBe("held");
  Object.assign(firmware, { eject: undefined });
  expect(await acpi.notify("\\_SB_.MEM0", 3)).toMatchObject({ errno: 0 });
  expect(state("\\_SB_.MEM0")).toBe("absent");
  acpi.namespace.set("\\_SB_.MEM0", { _STA: 0xf });
  await acpi.notify("\\_SB_.MEM0", 1);
  expect(kernel.blocks.has(HIGH)).toBe(true);
});

test("6.12: a kept device that vanishes later is let go by the next check", async () => {
  const { acpi, state } = bench("6.12", [memoryDevice("MEM0", HIGH, 1)]);
  await acpi.boot();
  Object.assign(acpi.ports.firmware, { eject: () => true });
  await acpi.notify("\\_SB_.MEM0", 3);
  acpi.namespace.set("\\_SB_.MEM0", { _STA: 0 });
  await acpi.notify("\\_SB_.MEM0", 0);
  expect(state("\\_SB_.MEM0")).toBe("absent");
});

test("after a kernel BUG nothing runs any more: every later event meets the same BUG", async () => {
  const { acpi, kernel } = await filled("4.1");
  acpi.namespace.set(MEM, { _STA: 0 });
  await expect(acpi.notify(MEM, 1)).rejects.toThrow(/^kernel BUG/);
  kernel.since();
  await expect(acpi.notify(OTHER, 3)).rejects.toThrow(/^kernel BUG/);
  expect(kernel.since()).toEqual([]);
});

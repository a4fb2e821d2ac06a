import { expect, test } from "vitest";
import { type Bench, bench, emptySlot, HIGH, kernels, memoryDevice } from "./fake-kernel.ts";

const BRD = "\\_SB_.BRD0";
const MEM = "\\_SB_.BRD0.MEM0";

async function node(id: string, options: Parameters<typeof bench>[2] = {}): Promise<Bench> {
  const made = bench(
    id,
    [
      {
        name: "BRD0",
        _HID: "ACPI0004",
        _STA: 0xf,
        _OST: true,
        _EJ0: true,
        children: [memoryDevice("MEM0", HIGH, 2), emptySlot("MEM1")],
      },
    ],
    options,
  );
  await made.acpi.boot();
  for (const block of made.kernel.blocks.keys()) made.kernel.online(block);
  return made;
}

test("attach registers a device named like the ACPI device; `online` comes after its members (facts/kernel.md §6.5)", async () => {
  const { kernel, state } = await node("6.1");
  expect(kernel.since().filter((line) => line.includes("@"))).toEqual([
    "add@ACPI0004:00",
    "add@memory32",
    "add@memory33",
    "online@ACPI0004:00",
  ]);
  expect(state(BRD)).toBe("attached.online");
});

test.each(["ACPI0004", "PNP0A05", "PNP0A06"])("%s is a container", async (_HID) => {
  const { acpi, state } = bench("6.1", [{ name: "BRD0", _HID }]);
  await acpi.boot();
  expect(state(BRD)).toBe("attached.online");
});

test("a docking station is none (facts/kernel.md §6.5)", async () => {
  const { acpi, state } = bench("6.1", [{ name: "BRD0", _HID: "ACPI0004", _DCK: true }]);
  await acpi.boot();
  expect(state(BRD)).toBe("present.unclaimed");
});

test.each([
  ["4.1", "change@ACPI0004:00", 1],
  ["6.1", "change@ACPI0004:00 EVENT=offline", 0x82],
  ["6.12", "change@ACPI0004:00 EVENT=offline", 0x82],
] as const)("%s: an eject of an online container: `%s`, EBUSY, and nothing else moves", async (id, uevent, status) => {
  const { acpi, kernel, state } = await node(id);
  kernel.since();
  expect(await acpi.notify(BRD, 3)).toMatchObject({ errno: "EBUSY", status, refusals: [{ code: "container_busy" }] });
  expect(kernel.since()).toEqual(["ost 0x3 0x84", uevent, `ost 0x3 0x${status.toString(16)}`]);
  expect([state(BRD), state(MEM)]).toEqual(["attached.online", "attached"]);
});

test("a container goes offline only when every block of its members is (facts/kernel.md §6.5)", async () => {
  const { acpi, kernel, state } = await node("6.1");
  kernel.blocks.set(HIGH, "offline");
  kernel.since();
  expect(await acpi.setContainerOnline(BRD, false)).toMatchObject({
    ok: false,
    refusal: { errno: "EBUSY", code: "container_busy" },
  });
  kernel.blocks.set(HIGH + 1, "offline");
  expect((await acpi.setContainerOnline(BRD, false)).ok).toBe(true);
  expect(kernel.since()).toEqual(["offline@ACPI0004:00"]);
  expect(state(BRD)).toBe("attached.offline");
});

test("onlining a container never fails, and tells `online`", async () => {
  const { acpi, kernel, state } = await node("6.1");
  for (const block of kernel.blocks.keys()) kernel.blocks.set(block, "offline");
  await acpi.setContainerOnline(BRD, false);
  kernel.since();
  expect((await acpi.setContainerOnline(BRD, true)).ok).toBe(true);
  expect(kernel.since()).toEqual(["online@ACPI0004:00"]);
  expect(state(BRD)).toBe("attached.online");
});

test.each(kernels)(
  "%s: members offline, container offline, then eject: the whole node goes (facts/kernel.md §6.5)",
  async (id) => {
    const { acpi, kernel, state } = await node(id);
    for (const block of kernel.blocks.keys()) kernel.blocks.set(block, "offline");
    await acpi.setContainerOnline(BRD, false);
    kernel.since();
    expect(acpi.requestEject(BRD).ok).toBe(true);
    await acpi.idle();
    expect(kernel.since()).toEqual([
      "ost 0x3 0x84",
      "remove@memory32",
      "remove@memory33",
      "remove@ACPI0004:00",
      "ost 0x103 0x0",
    ]);
    expect([state(BRD), state(MEM)]).toEqual(["absent", "absent"]);
  },
);

test.each(kernels)("%s: a node that went comes back whole with one bus check", async (id) => {
  const { acpi, kernel, state } = await node(id);
  for (const block of kernel.blocks.keys()) kernel.blocks.set(block, "offline");
  await acpi.setContainerOnline(BRD, false);
  await acpi.notify(BRD, 3);
  acpi.namespace.set(BRD, { _STA: 0xf });
  acpi.namespace.set(MEM, { _STA: 0xf });
  await acpi.notify(BRD, 0);
  expect([state(BRD), state(MEM)]).toEqual(["attached.online", "attached"]);
  expect([...kernel.blocks.keys()]).toEqual([HIGH, HIGH + 1]);
});

test("a nested container holds its outer one up until it is offline itself", async () => {
  const { acpi } = bench("6.1", [{ name: "OUT0", _HID: "ACPI0004", children: [{ name: "IN0", _HID: "ACPI0004" }] }]);
  await acpi.boot();
  expect((await acpi.setContainerOnline("\\_SB_.OUT0", false)).ok).toBe(false);
  await acpi.setContainerOnline("\\_SB_.OUT0.IN0", false);
  expect((await acpi.setContainerOnline("\\_SB_.OUT0", false)).ok).toBe(true);
});

test("a member that went offline and online again makes a late eject a kernel BUG, since members are not asked twice", async () => {
  const { acpi, kernel } = await node("6.1");
  for (const block of kernel.blocks.keys()) kernel.blocks.set(block, "offline");
  await acpi.setContainerOnline(BRD, false);
  kernel.online(HIGH);
  await expect(acpi.notify(BRD, 3)).rejects.toThrow(/^kernel BUG/);
});

test("4.1, force_remove: a container is emptied like any other device (facts/kernel.md §6.3)", async () => {
  const { acpi, kernel } = await node("4.1");
  acpi.setForceRemove(true);
  kernel.since();
  expect(await acpi.notify(BRD, 3)).toMatchObject({ errno: 0 });
  expect(kernel.since()).toEqual([
    "ost 0x3 0x84",
    "offline@memory32",
    "offline@memory33",
    "offline@ACPI0004:00",
    "remove@memory32",
    "remove@memory33",
    "remove@ACPI0004:00",
    "ost 0x3 0x0",
  ]);
});

test("a kernel without the container driver has the profile `container` and no container device (facts/kernel.md §6.6)", async () => {
  const { acpi, state } = await node("6.1", { config: { ACPI_CONTAINER: false } });
  expect(acpi.hotplugProfiles()).toEqual(["container", "memory", "pci_root", "processor"]);
  expect([state(BRD), state(MEM)]).toEqual(["present.unclaimed", "attached"]);
  await expect(acpi.setContainerOnline(BRD, false)).rejects.toThrow(RangeError);
});

import type { SimEvent } from "@memhp/abi";
import { dimmsOf } from "@memhp/devices";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { afterEach, expect, test } from "vitest";

const MIB = 2 ** 20;
let machine: Machine;
let events: SimEvent[] = [];

async function pseries(extra: object = {}, config = {}): Promise<void> {
  const spec = { arch: "ppc64le", machine: "pseries", memory: "2G", slots: 4, maxmem: "8G", smp: 2, ...extra };
  machine = await bootMachine(parseMachineSpec(spec), { kernel: "6.12", config });
  events = [];
  machine.listen((event) => events.push(event));
}

afterEach(() => machine.close());

const uevents = (): string[] =>
  events.flatMap((event) => (event.type === "uevent" ? [`${event.action} ${event.devpath.split("/").at(-1)}`] : []));
const add = (sizeBytes: number, node = 0) => dimmsOf(machine).insert({ id: "d0", memdev: "mem-d0", sizeBytes, node });

test("one LMB after the other is added and brought online, whatever auto_online_blocks says (p_dimm_add)", async () => {
  await pseries();
  expect(machine.autoOnline).toBe("offline");
  await add(512 * MIB);
  expect(uevents()).toEqual(["add memory8", "online memory8", "add memory9", "online memory9"]);
});

test("LMBs that went come back where one stays, and the hypervisor hears that the guest refused (p_eject_busy)", async () => {
  await pseries();
  await add(768 * MIB);
  await machine.markUnmovable([10], true);
  events = [];
  const answer = await dimmsOf(machine).eject("d0");
  expect(answer.ok && answer.value.ok).toBe(false);
  const [off, on] = [
    ["offline memory8", "remove memory8", "offline memory9", "remove memory9"],
    ["add memory8", "online memory8", "add memory9", "online memory9"],
  ];
  expect(uevents()).toEqual([...off, ...on]);
  expect(events.filter(({ type }) => type === "unplug_refused")).toHaveLength(1);
  await machine.markUnmovable([10], false);
  const again = await dimmsOf(machine).eject("d0");
  expect(again.ok && again.value.ok).toBe(true);
});

test("where the first LMB stays, nobody hears of it, and another device_del is an error (p_notifier)", async () => {
  await pseries();
  await add(512 * MIB);
  await machine.markUnmovable([8], true);
  await dimmsOf(machine).eject("d0");
  await machine.markUnmovable([8], false);
  const again = await dimmsOf(machine).eject("d0");
  expect(again).toMatchObject({ ok: false, refusal: { desc: "Memory unplug already in progress for device d0" } });
  expect(events.filter(({ type }) => type === "unplug_refused")).toEqual([]);
});

test("a DIMM begins at an LMB: another address is refused, and changes nothing of what was probed there", async () => {
  await pseries({ maxmem: "16G" });
  const probed = await machine.write("/sys/devices/system/memory/probe", "0x1d0000000");
  expect(probed).toMatchObject({ errno: 0 });
  const place = { id: "d0", memdev: "mem-d0", sizeBytes: 256 * MIB, node: 0 };
  expect(await dimmsOf(machine).insert({ ...place, addr: 0x1d8000000 })).toMatchObject({
    ok: false,
    refusal: { desc: "address must be aligned to 0x10000000 bytes" },
  });
  expect(dimmsOf(machine).list()).toEqual([]);
  expect(await machine.online(29, "kernel")).toMatchObject({ ok: true });
  expect(await machine.pages.audit()).toEqual([]);
});

test("no file of ACPI; probe and dlpar are there (observed-newer §3)", async () => {
  await pseries();
  expect(machine.files.read("/sys/kernel/dlpar")).toMatchObject({ ok: true, value: "memory,cpu,dt\n" });
  expect(machine.files.stat("/sys/devices/system/memory/probe")).toMatchObject({ ok: true, value: { mode: 0o200 } });
  expect(machine.files.stat("/sys/firmware/acpi").ok).toBe(false);
  expect(machine.files.stat("/sys/devices/system/container").ok).toBe(false);
});

test("what pseries does not have is refused with its place", async () => {
  await pseries();
  await expect(pseries({ containers: [{ id: "c0", memory: [{ id: "m0", size: "256M" }] }] })).rejects.toThrow(
    "machine.containers",
  );
});

const dlpar = async (text: string): Promise<unknown> => (await machine.files.write("/sys/kernel/dlpar", text)).errno;
const there = (): number[] => [...machine.blockDevices()].filter((block) => block >= 8);

test("LMBs from a place on go by one request, and those that went are passed over (dlpar_memory_remove_by_ic)", async () => {
  await pseries();
  await add(1024 * MIB);
  expect(await dlpar("memory remove indexed-count 2 0x80000009")).toBe(0);
  expect(there()).toEqual([8, 11]);
  expect(await dlpar("memory remove indexed-count 4 0x80000008")).toBe(0);
  expect(there()).toEqual([]);
});

test("a range of which one LMB stays is there again, and nothing of it went (dlpar_memory_remove_by_ic)", async () => {
  await pseries();
  await add(1024 * MIB);
  await machine.markUnmovable([10], true);
  events = [];
  expect(await dlpar("memory remove indexed-count 3 0x80000008")).toBe("EINVAL");
  expect(there()).toEqual([8, 9, 10, 11]);
  expect(uevents().slice(0, 4)).toEqual(["offline memory8", "remove memory8", "offline memory9", "remove memory9"]);
});

test("a range that is there is added already; one that QEMU took back, boot memory and nonsense are EINVAL", async () => {
  await pseries();
  await add(512 * MIB);
  expect(await dlpar("memory add indexed-count 2 0x80000008")).toBe(0);
  expect(await dlpar("memory remove indexed-count 1 0x80000009")).toBe(0);
  for (const text of [
    "memory add indexed-count 2 0x80000008",
    "memory remove indexed-count 2 0x80000007",
    "memory remove indexed-count 0 0x80000008",
    "memory remove indexed-count 1",
    "memory remove indexed-count many 0x80000008",
    "memory remove indexed-count 1 0x180000008",
  ])
    expect([text, await dlpar(text)]).toEqual([text, "EINVAL"]);
  expect(there()).toEqual([8]);
});

test("without MEMORY_HOTREMOVE a request to remove is not supported (pseries.h: a stub)", async () => {
  await pseries({}, { MEMORY_HOTREMOVE: false });
  await add(512 * MIB);
  expect(await machine.files.write("/sys/kernel/dlpar", "memory remove count 1")).toMatchObject({
    errno: "EOPNOTSUPP",
  });
  expect(machine.files.stat("/sys/devices/system/memory/memory8").ok).toBe(true);
});

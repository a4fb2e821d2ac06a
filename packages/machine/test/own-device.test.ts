import { deviceTypes, dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec, qmpPortOf, snapshot, start } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { workerThreads } from "../src/node/index.ts";
import { brick } from "./brick.ts";

const devices = [...deviceTypes, brick];
const raw = { memory: "2G", smp: 1, slots: 2, maxmem: "4G", cmdline: "memhp_default_state=offline", brick: 128 };
const boot = (): Promise<Machine> => bootMachine(parseMachineSpec(raw, devices), { kernel: "6.12", devices });
const FILE = "/sys/devices/brick/times";
const blockOf = (machine: Machine): number => {
  const [block = 0] = machine
    .pluggedMemory()
    .flatMap(({ addr, sizeBytes: size }) => machine.blocksOf({ start: addr, size }));
  return block;
};

test("a device that the machine has never heard of comes, has a file, survives an image, and goes", async () => {
  const machine = await boot();
  expect(machine.files.read(FILE)).toMatchObject({ ok: false });
  expect(await machine.device(brick).insert()).toMatchObject({ ok: true, value: { errno: 0 } });
  expect(machine.pluggedMemory()).toMatchObject([{ id: "brick", sizeBytes: 2 ** 27 }]);
  expect(machine.files.read(FILE)).toMatchObject({ ok: true, value: "1\n" });
  expect(machine.files.list("/sys/devices")).toMatchObject({
    ok: true,
    value: expect.arrayContaining(["brick", "system"]),
  });
  await machine.online(blockOf(machine), "movable");

  const image = JSON.parse(JSON.stringify(await snapshot(machine))) as Awaited<ReturnType<typeof snapshot>>;
  const again = await start(image, { devices });
  expect(again.files.read(FILE)).toMatchObject({ ok: true, value: "1\n" });
  for (const each of [machine, again]) {
    expect(await each.device(brick).eject()).toMatchObject({ ok: true, value: { errno: 0 } });
    expect(each.pluggedMemory()).toEqual([]);
    expect(each.files.read(FILE)).toMatchObject({ ok: false });
  }
  expect(await again.device(brick).insert()).toMatchObject({ ok: true });
  expect(again.files.read(FILE)).toMatchObject({ ok: true, value: "2\n" });
});

test("its addresses and its name are no DIMM's", async () => {
  const machine = await boot();
  const [{ addr } = { addr: 0 }] = internalsOf(machine)
    .parts.devices.all()
    .flatMap((device) => device.reserved());
  const dimm = { memdev: "m0", sizeBytes: 2 ** 27, node: 0 };
  expect(await dimmsOf(machine).insert({ ...dimm, id: "brick" })).toMatchObject({
    refusal: { desc: "Duplicate device ID 'brick'" },
  });
  expect(await dimmsOf(machine).insert({ ...dimm, id: "d0", addr })).toMatchObject({
    refusal: { desc: "address range conflicts with memory device id='brick'" },
  });
  expect(await qmpPortOf(machine).memoryDevices()).toEqual([]);
});

test("its callback sees and touches the pages of a block that goes offline: it refuses, or lets go of its own", async () => {
  const machine = await boot();
  await machine.device(brick).insert();
  const block = blockOf(machine);
  await machine.online(block, "movable");
  await machine.pages.loads.start({ id: "db", kind: "anon", sizeBytes: 2 ** 16 });
  const { blockPages } = machine.map;
  const runs = await machine.pages.runs(block * blockPages, blockPages);
  const pfn = runs.find(({ page }) => page?.kind === "anonymous")?.startPfn ?? -1;
  const told: unknown[] = [];
  machine.listen((event) => {
    if (event.type === "notifier" && event.name === "brick") told.push(event.action);
  });

  for (const _ of ["the driver", "somebody else"]) await machine.pages.reference(pfn, 1);
  expect(await machine.offline(block)).toMatchObject({ ok: false, refusal: { errno: "EBUSY", code: "notifier_veto" } });
  await machine.pages.reference(pfn, -1);
  // One reference is left. Were it still there, the page would stay where it is.
  expect(await machine.offline(block)).toMatchObject({ ok: true });
  expect(told.filter((action) => action === "MEM_GOING_OFFLINE")).toHaveLength(2);
  expect(await machine.pages.audit()).toEqual([]);
});

test("a part of a device that is not given again is named", async () => {
  const machine = await boot();
  const image = await snapshot(machine);
  await expect(start(image)).rejects.toThrow(/spec\.devices\.brick: is a kind of device that must be given again/);
  expect(() => machine.device({ ...brick, id: "other" })).toThrow(/no devices of the kind "other"/);
});

test("what an image says of devices is checked by the devices", async () => {
  const image = await snapshot(await boot());
  const damaged = { ...image, devices: { dimm: { plugged: [{ id: "d0" }], ost: [] } } };
  await expect(start(damaged, { devices })).rejects.toThrow("devices.dimm.plugged[0].memdev: expected a text");
});

test("a worker that was started without its callback says so", async () => {
  const workers = { workers: 1, workerFactory: workerThreads() };
  const boots = bootMachine(parseMachineSpec(raw, devices), { kernel: "6.12", devices, ...workers });
  await expect(boots).rejects.toThrow(/callbacks: the shard was started without "brick"/);
});

import { GIB, MIB } from "@memhp/abi";
import { daxOf, dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, executeCommand, type MachineImage, parseMachineSpec, snapshot, start } from "../src/index.ts";

const backend = (id: string, size: string): string[] => ["-object", `memory-backend-ram,id=${id},size=${size}`];
const guest = { machine: "q35,nvdimm=on", memory: "512M", smp: 1, slots: 4, maxmem: "16G" };

// intel/nemu#48, with the addresses that QEMU gave there.
test("an NVDIMM of 2M takes a slot and an address in front, so that a DIMM behind it lies off its alignment, and brings no block", async () => {
  const extra = [...backend("m0", "2M"), "-device", "nvdimm,id=nv0,memdev=m0"];
  const spec = parseMachineSpec({ ...guest, extra });
  expect(spec.ignored).toBeUndefined();
  const machine = await bootMachine(spec, { kernel: "6.1", kernelBlocks: [] });
  expect(machine.pluggedMemory()).toEqual([]);
  await dimmsOf(machine).insert({ id: "dimm1", memdev: "m1", sizeBytes: GIB, node: 0 });
  expect(dimmsOf(machine).get("dimm1")).toMatchObject({ addr: 0x1_0020_0000, slot: 1 });
  expect(machine.blocksOf({ start: 0x1_0000_0000, size: 2 * GIB })).toEqual([]);
  expect(await executeCommand(machine, "query-memory-devices", {})).toMatchObject({
    return: [{ type: "nvdimm", data: { id: "nv0", addr: 0x1_0000_0000, size: 2 * MIB } }, { type: "dimm" }],
  });
  expect(await executeCommand(machine, "device_del", { id: "nv0" })).toMatchObject({
    error: { desc: "nvdimm device hot unplug is not supported yet." },
  });
  const again = await start(JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage);
  expect(dimmsOf(again).get("nv0")).toMatchObject({ nvdimm: true });
});

test("its namespace in devdax mode is a dax device, which kmem makes memory of", async () => {
  const extra = [...backend("m0", "2G"), "-device", "nvdimm,id=nv0,memdev=m0,label-size=256K"];
  const spec = parseMachineSpec({ ...guest, cmdline: "memhp_default_state=offline", extra, dax: [{ nvdimm: "nv0" }] });
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  await machine.loadModule("kmem");
  await daxOf(machine).unbind("dax0.0", "device_dax");
  await daxOf(machine).newId("dax0.0", "kmem");
  // 2 GiB less its labels and its struct pages (34 MiB), in whole blocks.
  expect(daxOf(machine).get("dax0.0")).toMatchObject({
    region: { start: 4 * GIB, end: 6 * GIB - 2 * MIB },
    blocks: { total: 14 },
  });
  const again = await start(JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage);
  expect(daxOf(again).list()).toEqual(daxOf(machine).list());
});

test("one that is plugged in while the guest runs shifts what comes behind it, and brings no block until it is a dax device that kmem has", async () => {
  const spec = parseMachineSpec({
    ...guest,
    cmdline: "memhp_default_state=offline",
    dax: [{ nvdimm: "nv0", present: false }],
  });
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  const qmp = (command: string, args: Record<string, unknown>): Promise<unknown> =>
    executeCommand(machine, command, args);
  const device = { driver: "nvdimm", id: "nv0", memdev: "m0" };
  await qmp("object-add", { "qom-type": "memory-backend-ram", id: "m0", size: 514 * MIB });
  expect(await qmp("device_add", { ...device, "label-size": 4096 })).toMatchObject({
    error: { desc: "Property 'nvdimm.label-size' (0x1000) is required at least 0x20000" },
  });
  expect(await qmp("device_add", { ...device, "label-size": 131_072 })).toMatchObject({ return: {} });
  await machine.idle();
  expect(machine.pluggedMemory()).toEqual([]);
  expect(dimmsOf(machine).get("nv0")).toMatchObject({ addr: 4 * GIB, sizeBytes: 512 * MIB, slot: 0 });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m1", sizeBytes: 128 * MIB, node: 0 });
  expect(dimmsOf(machine).get("d0")).toMatchObject({ addr: 4 * GIB + 512 * MIB, slot: 1 });
  await machine.loadModule("kmem");
  expect(await daxOf(machine).insert("dax0.0")).toMatchObject({ ok: true });
  await daxOf(machine).unbind("dax0.0", "device_dax");
  await daxOf(machine).newId("dax0.0", "kmem");
  // Whole blocks behind the namespace's struct pages.
  expect(daxOf(machine).get("dax0.0")).toMatchObject({ driver: "kmem", blocks: { total: 3 } });
  await machine.close();
});

test("a board without nvdimm=on takes none while it runs either (hw/i386/pc.c)", async () => {
  const machine = await bootMachine(parseMachineSpec({ ...guest, machine: "q35" }), { kernel: "6.12" });
  await executeCommand(machine, "object-add", { "qom-type": "memory-backend-ram", id: "m0", size: GIB });
  expect(await executeCommand(machine, "device_add", { driver: "nvdimm", id: "nv0", memdev: "m0" })).toMatchObject({
    error: { desc: "nvdimm is not enabled: missing 'nvdimm' in '-M'" },
  });
  await machine.close();
});

test.each<[string, object, RegExp]>([
  [
    "a board without nvdimm=on",
    { machine: "q35", extra: [...backend("m0", "2M"), "-device", "nvdimm,memdev=m0"] },
    /nvdimm is not enabled/,
  ],
  [
    "nothing left of it",
    { extra: [...backend("m0", "2M"), "-device", "nvdimm,memdev=m0,label-size=128K"] },
    /too small/,
  ],
  ["a size beside the NVDIMM's", { dax: [{ nvdimm: "nv0", size: "1G" }] }, /machine\.dax\[0\]\.size: is the NVDIMM's/],
])("%s is refused", (_what, fields, message) => {
  expect(() => parseMachineSpec({ ...guest, ...fields })).toThrow(message);
});

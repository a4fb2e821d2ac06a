import { GIB, MIB, type SimEvent } from "@memhp/abi";
import { balloonOf, containersOf, daxOf, dimmsOf, virtioMemsOf } from "@memhp/devices";
import { NOTIFY_DEVICE_CHECK } from "@memhp/acpi";
import { BlockState } from "@memhp/engine";
import { expect, test } from "vitest";
import {
  bootMachine,
  executeCommand,
  type Machine,
  type MachineImage,
  NotQuietError,
  parseMachineSpec,
  reset,
  resetUnderWay,
  snapshot,
  start,
} from "../src/index.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

const raw = {
  machine: "q35",
  memory: "1G",
  smp: 2,
  slots: 4,
  maxmem: "16G",
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
  ],
  cmdline: "memhp_default_state=offline",
  dax: [{ source: "cxl", size: "256M" }],
  containers: [{ id: "c0", memory: [{ id: "c0m0", size: "128M" }] }],
  extra: [
    ..."-object memory-backend-ram,id=m0,size=1G -device virtio-mem-pci,id=v0,memdev=m0,requested-size=256M".split(" "),
    ..."-device virtio-balloon-pci,id=b0".split(" "),
  ],
};

const boot = (workers = 0): Promise<Machine> =>
  bootMachine(parseMachineSpec(raw), { kernel: "6.12", workers, workerFactory: keptWorkers });
const blocksOf = (machine: Machine, id: string): number[] =>
  machine
    .pluggedMemory()
    .filter((each) => each.id === id)
    .flatMap(({ addr, sizeBytes: size }) => machine.blocksOf({ start: addr, size }));

/** Everything is plugged in, loaded and in use. */
async function used(machine: Machine): Promise<void> {
  for (const name of ["virtio_mem", "virtio_balloon", "kmem"]) await machine.loadModule(name);
  await dimmsOf(machine).insert({ id: "d0", memdev: "md0", sizeBytes: 256 * MIB, node: 1 });
  await containersOf(machine).insert("c0", NOTIFY_DEVICE_CHECK);
  await machine.bulk("online", [...blocksOf(machine, "d0"), ...blocksOf(machine, "dax0.0")], "movable");
  balloonOf(machine).request(900 * MIB);
  await machine.wait(2e9);
  await machine.pages.loads.start({ id: "db", kind: "anon", sizeBytes: 64 * MIB });
  await machine.write("/sys/module/memory_hotplug/parameters/online_policy", "auto-movable");
  // One block keeps the memory of the dax device when its driver leaves.
  await daxOf(machine).unbind("dax0.0", "kmem");
  await machine.wait(2e9);
}

// From source, not recorded: QEMU keeps what is plugged in (hw/mem/pc-dimm.c), virtio-mem unplugs all (virtio_mem_system_reset).
test("what is plugged in is there at boot; states, loads, modules and parameters are lost; the clock and the stream go on", async () => {
  const machine = await boot();
  const told: string[] = [];
  machine.listen((event: SimEvent) => told.push(event.type));
  await machine.registerNotifier("mine", 1, () => 1);
  await used(machine);
  expect(daxOf(machine).get("dax0.0")?.state).toBe("left_online");
  const { nowNs, files } = machine;
  await reset(machine);
  expect(told).toContain("reset");
  expect(machine.nowNs).toBeGreaterThanOrEqual(nowNs);
  expect(machine.files).not.toBe(files);

  expect(dimmsOf(machine).list()).toMatchObject([{ id: "d0", slot: 0, hotplugged: true }]);
  expect(blocksOf(machine, "d0").map((block) => machine.map.blocks.state(block))).toEqual([
    BlockState.offline,
    BlockState.offline,
  ]);
  expect(machine.map.blocks.node(blocksOf(machine, "d0")[0] ?? 0)).toBe(1);
  expect(blocksOf(machine, "c0m0")).toHaveLength(1);
  expect(daxOf(machine).get("dax0.0")).toMatchObject({ state: "unbound", blocks: { total: 0 } });
  expect(virtioMemsOf(machine).get("v0")).toMatchObject({ requestedBytes: 256 * MIB, pluggedBytes: 0 });
  expect(balloonOf(machine).balloon).toMatchObject({ state: "unbound", nodes: {} });
  expect([machine.pages.loads.list(), machine.parameters.policy]).toEqual([[], "contig-zones"]);
  expect(await machine.pages.audit()).toEqual([]);

  // The drivers that are loaded again find what was asked for.
  for (const name of ["virtio_mem", "virtio_balloon", "kmem"]) await machine.loadModule(name);
  await machine.wait(2e9);
  expect(virtioMemsOf(machine).get("v0")?.pluggedBytes).toBe(256 * MIB);
  expect(balloonOf(machine).balloon?.actualBytes).toBe(900 * MIB);
  expect(daxOf(machine).get("dax0.0")?.state).toBe("system_ram.offline");
  told.length = 0;
  await machine.online(blocksOf(machine, "d0")[0] ?? 0, "movable");
  expect(told).toContain("notifier");
  expect(await dimmsOf(machine).eject("d0")).toMatchObject({ ok: true, value: { ok: true } });
});

test("the monitor's system_reset: RESET is told, backends and DIMMs stay known to a monitor that goes on", async () => {
  const machine = await boot();
  await executeCommand(machine, "object-add", { "qom-type": "memory-backend-ram", id: "m9", size: 256 * MIB });
  await executeCommand(machine, "device_add", { driver: "pc-dimm", id: "d9", memdev: "m9" });
  await machine.idle();
  expect(await executeCommand(machine, "system_reset", {})).toEqual({ return: {} });
  await resetUnderWay(machine);
  expect(await executeCommand(machine, "object-del", { id: "m9" })).toMatchObject({ error: { class: "GenericError" } });
  expect(await executeCommand(machine, "query-memory-devices", {})).toMatchObject({
    return: [{ type: "virtio-mem" }, { data: { id: "d9" } }],
  });
});

test("not while anything is under way", async () => {
  const machine = await boot();
  const busy = machine.online(2, "movable");
  await expect(reset(machine)).rejects.toThrow(NotQuietError);
  await busy;
});

test("a machine that was reset is one like any other: an image of it goes on byte for byte, on any number of workers", async () => {
  const ends: string[] = [];
  for (const workers of [0, 2]) {
    const machine = await boot(workers);
    await used(machine);
    await reset(machine);
    const image = JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage;
    const again = await start(image, { workers: 2 - workers, workerFactory: keptWorkers });
    for (const each of [machine, again]) {
      await each.bulk("online", blocksOf(each, "d0"), "movable");
      await dimmsOf(each).insert({ id: "d1", memdev: "md1", sizeBytes: GIB, node: 0 });
      await reset(each);
      ends.push(JSON.stringify(await snapshot(each)));
      await each.close();
    }
  }
  expect(new Set(ends).size).toBe(1);
});

test("ppc64: LMBs that were plugged in are boot memory after a reset", async () => {
  const spec = parseMachineSpec({
    arch: "ppc64",
    memory: "4G",
    smp: 1,
    slots: 4,
    maxmem: "16G",
    cmdline: "memhp_default_state=offline",
  });
  const machine = await bootMachine(spec, { kernel: "6.12-ppc64el" });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 512 * MIB, node: 0 });
  await reset(machine);
  expect(blocksOf(machine, "d0").map((block) => machine.map.blocks.state(block))).toEqual([
    BlockState.online,
    BlockState.online,
  ]);
  expect(await machine.pages.audit()).toEqual([]);
});

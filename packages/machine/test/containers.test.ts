import { containersOf } from "@memhp/devices";
import type { SimEvent } from "@memhp/abi";
import { KernelBug, NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK } from "@memhp/acpi";
import { BlockFlag } from "@memhp/engine";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec, qmpPortOf } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

const MIB = 2 ** 20;
const kernels = ["4.1", "6.1", "6.12"] as const;
const CONTAINER = "/sys/devices/system/container/ACPI0004:00";
const MEMORY = "/sys/devices/system/memory";

const board = (containers: readonly object[], more: object = {}): ReturnType<typeof parseMachineSpec> =>
  parseMachineSpec({
    memory: "2G",
    smp: 2,
    nodes: [{ nodeid: 0, mem: "2G", cpus: "0-1" }],
    slots: 4,
    maxmem: "4G",
    cmdline: "memhp_default_state=offline",
    containers,
    ...more,
  });
const node = (more: object = {}): object => ({
  id: "c0",
  node: 1,
  memory: [
    { id: "m0", size: "256M" },
    { id: "m1", size: "128M" },
  ],
  ...more,
});

interface Bench {
  readonly machine: Machine;
  /** Events since the last call, as short texts. */
  readonly since: () => string[];
  readonly blocks: (id: string) => number[];
}

async function boot(kernel: string, containers: readonly object[], more: object = {}): Promise<Bench> {
  const machine = await bootMachine(board(containers, more), { kernel });
  const heard: string[] = [];
  machine.listen((event) => heard.push(...briefly(event)));
  const blocks = (id: string): number[] => {
    const memory = containersOf(machine)
      .memory()
      .find((each) => each.id === id);
    return memory === undefined ? [] : machine.blocksOf({ start: memory.addr, size: memory.sizeBytes });
  };
  return { machine, since: () => heard.splice(0), blocks };
}

function briefly(event: SimEvent): string[] {
  if (event.type === "acpi_ost")
    return [`${event.device ?? event.slot}: _OST 0x${event.source.toString(16)} 0x${event.status.toString(16)}`];
  if (event.type === "acpi_notify") return [`${event.device}: notify ${event.value}`];
  if (event.type === "device_deleted") return [`${event.device}: gone`];
  if (event.type === "refusal") return [`${event.refusal.errno} ${event.refusal.code}`];
  if (event.type !== "uevent") return [];
  const variables = Object.entries(event.env ?? {}).map(([name, value]) => ` ${name}=${value}`);
  return [`${event.action}@${event.devpath.split("/").at(-1) ?? ""}${variables.join("")}`];
}

const read = (machine: Machine, path: string): string => {
  const result = machine.files.read(path);
  return result.ok ? result.value : String(result.refusal.errno);
};
const write = async (machine: Machine, path: string, data: string): Promise<unknown> => {
  const { openErrno, errno } = await machine.write(path, data);
  await machine.idle();
  return openErrno === 0 ? errno : openErrno;
};
/** Takes everything in the container offline, and the container itself. */
async function empty({ machine, blocks }: Bench): Promise<void> {
  for (const block of [...blocks("m0"), ...blocks("m1")]) await machine.offline(block);
  await write(machine, `${CONTAINER}/online`, "0");
}

test.each(kernels)(
  "%s: one bus check of a container brings every memory device in it (facts §6.3, §6.5)",
  async (kernel) => {
    const { machine, since } = await boot(kernel, [node()]);
    expect(read(machine, "/sys/devices/system/node/online")).toBe("0\n");
    expect(await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK)).toMatchObject({
      ok: true,
      value: { errno: 0, status: 0 },
    });
    expect(since()).toEqual([
      "c0: notify 0",
      "add@ACPI0004:00",
      "add@memory80",
      "add@memory81",
      "add@node1",
      "add@memory82",
      "online@ACPI0004:00",
      "c0: _OST 0x0 0x0",
    ]);
    expect(read(machine, "/sys/devices/system/node/online")).toBe("0-1\n");
  },
);

test.each([
  ["4.1", "change@ACPI0004:00", "0x1"],
  ["6.1", "change@ACPI0004:00 EVENT=offline", "0x82"],
  ["6.12", "change@ACPI0004:00 EVENT=offline", "0x82"],
])(
  "%s: an eject of an online container sends `%s` and is EBUSY, _OST %s (facts §6.3, §6.5)",
  async (kernel, uevent, status) => {
    const { machine, since } = await boot(kernel, [node({ present: true })]);
    expect(await containersOf(machine).eject("c0")).toMatchObject({ ok: true, value: { errno: "EBUSY" } });
    expect(since()).toEqual([
      "c0: notify 3",
      "c0: _OST 0x3 0x84",
      uevent,
      `c0: _OST 0x3 ${status}`,
      "EBUSY container_busy",
    ]);
    expect(machine.pluggedMemory().map(({ id }) => id)).toEqual(["m0", "m1"]);
  },
);

test.each(kernels)(
  "%s: members offline, 0 to the container's `online`, 1 to the device's `eject`: the node goes (facts §6.5)",
  async (kernel) => {
    const bench = await boot(kernel, [node({ present: true })]);
    const { machine, since, blocks } = bench;
    for (const block of [...blocks("m0"), ...blocks("m1")].toReversed()) await machine.online(block, "movable");
    expect(await write(machine, `${CONTAINER}/online`, "0")).toBe("EBUSY");
    expect(read(machine, `${CONTAINER}/online`)).toBe("1\n");
    await empty(bench);
    expect(read(machine, `${CONTAINER}/online`)).toBe("0\n");
    since();
    expect(await write(machine, `${CONTAINER}/firmware_node/eject`, "1")).toBe(0);
    expect(since()).toEqual([
      "c0: _OST 0x3 0x84",
      // The last member first (facts §6.3).
      "remove@memory82",
      "remove@memory80",
      "remove@memory81",
      "remove@node1",
      "remove@ACPI0004:00",
      "c0: gone",
      "c0: _OST 0x103 0x0",
    ]);
    expect(read(machine, "/sys/devices/system/node/online")).toBe("0\n");
    expect(read(machine, `${CONTAINER}/online`)).toBe("ENOENT");
    expect(machine.pluggedMemory()).toEqual([]);
    expect(
      internalsOf(machine)
        .parts.physical.iomem.view()
        .filter(({ name, start }) => name === "System RAM" && start >= 2 ** 32),
    ).toEqual([]);
  },
);

test("a refusal that only the queue meets is told: 1 to `eject` of an online container", async () => {
  const { machine, since } = await boot("6.12", [node({ present: true })]);
  expect(await write(machine, `${CONTAINER}/firmware_node/eject`, "1")).toBe(0);
  expect(since()).toEqual([
    "c0: _OST 0x3 0x84",
    "change@ACPI0004:00 EVENT=offline",
    "c0: _OST 0x103 0x82",
    "EBUSY container_busy",
  ]);
});

test("the files of a container and of the devices in it, nested ones too (facts §6.5, §6.6)", async () => {
  const inner = { id: "c1", hid: "PNP0A05", containers: [], memory: [{ id: "m2", size: "128M" }] };
  const { machine, blocks } = await boot("6.1", [node({ uid: "board", containers: [inner] })]);
  const acpi = "/sys/bus/acpi/devices";
  expect([read(machine, `${acpi}/ACPI0004:00/status`), read(machine, `${acpi}/PNP0C80:04/status`)]).toEqual([
    "0\n",
    "0\n",
  ]);
  await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK);
  const { files } = machine;
  const real = (path: string): string => {
    const result = files.realpath(path);
    return result.ok ? result.value : String(result.refusal.errno);
  };
  const device = "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00";
  expect(real(`${CONTAINER}/firmware_node`)).toBe(device);
  expect(real(`${device}/physical_node`)).toBe(CONTAINER);
  expect(real("/sys/bus/container/devices/ACPI0004:00")).toBe(CONTAINER);
  expect(real(`${CONTAINER}/subsystem`)).toBe("/sys/bus/container");
  expect(files.list(CONTAINER)).toEqual({
    ok: true,
    value: ["firmware_node", "online", "power", "subsystem", "uevent"],
  });
  expect(files.stat(`${CONTAINER}/online`)).toMatchObject({ ok: true, value: { mode: 0o644 } });
  // DIMM slots are PNP0C80:00 to :03.
  const [block = -1] = blocks("m2");
  expect(real(`${MEMORY}/memory${block}/firmware_node`)).toBe(`${device}/PNP0A05:00/PNP0C80:06`);
  expect(real(`${acpi}/PNP0C80:06/physical_node`)).toBe(`${MEMORY}/memory${block}`);
  expect(machine.map.blocks.hasFlag(block, BlockFlag.firmware)).toBe(true);
  const text = (name: string): string[] =>
    ["hid", "path", "status", "uid"].map((file) => read(machine, `${acpi}/${name}/${file}`).trimEnd());
  expect(text("ACPI0004:00")).toEqual(["ACPI0004", "\\_SB_.C000", "15", "board"]);
  expect(text("PNP0A05:00")).toEqual(["PNP0A05", "\\_SB_.C000.C000", "15", "c1"]);
  expect(text("PNP0C80:06")).toEqual(["PNP0C80", "\\_SB_.C000.C000.M000", "15", "m2"]);
  expect(files.stat(`${acpi}/PNP0C80:06/eject`)).toMatchObject({ ok: true, value: { mode: 0o200 } });
});

test("`online` of a container takes a bool, and `uevent` sends what it is told", async () => {
  const { machine, since } = await boot("6.1", [node({ present: true })]);
  expect(await write(machine, `${CONTAINER}/online`, "perhaps")).toBe("EINVAL");
  expect(await write(machine, `${CONTAINER}/online`, "N")).toBe(0);
  expect(await write(machine, `${CONTAINER}/online`, "0")).toBe(0);
  expect(await write(machine, `${CONTAINER}/online`, "1")).toBe(0);
  expect(await write(machine, `${CONTAINER}/uevent`, "change")).toBe(0);
  expect(since()).toEqual([
    "EINVAL bad_word",
    "offline@ACPI0004:00",
    "online@ACPI0004:00",
    "change@ACPI0004:00 SYNTH_UUID=0",
  ]);
});

test("QEMU's own containers keep their names, and a machine without containers has only those (6.12: x_firmware_memmap)", async () => {
  const qemu = [0, 1, 2, 3, 4].map((i) => `PNP0A06:0${i}`);
  const names = async (containers: readonly object[]): Promise<readonly string[]> => {
    const { machine } = await boot("6.12", containers);
    const listed = machine.files.list("/sys/devices/system/container");
    return listed.ok ? listed.value : [];
  };
  expect(await names([])).toEqual([...qemu, "power", "uevent"]);
  expect(await names([{ id: "c0", hid: "PNP0A06", present: true }, { id: "c1" }])).toEqual([
    ...qemu,
    "PNP0A06:05",
    "power",
    "uevent",
  ]);
});

test.each([
  ["4.1", "EALREADY", 1],
  ["6.1", 0, 0],
  ["6.12", 0, 0],
])("%s: a device check of a container that is there: %s, _OST %s (facts §6.3)", async (kernel, errno, status) => {
  const { machine } = await boot(kernel, [node()]);
  expect(await containersOf(machine).insert("c0", NOTIFY_DEVICE_CHECK)).toMatchObject({
    value: { errno: 0, status: 0 },
  });
  expect(await containersOf(machine).insert("c0", NOTIFY_DEVICE_CHECK)).toMatchObject({ value: { errno, status } });
  expect(await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK)).toMatchObject({ value: { errno: 0, status: 0 } });
});

test("6.12 scans from the parent at a device check, so every container that is there speaks up (observed-6 §13)", async () => {
  const { machine, since } = await boot("6.12", [node({ memory: [] })]);
  await containersOf(machine).insert("c0", NOTIFY_DEVICE_CHECK);
  expect(since().filter((text) => text.includes("@"))).toEqual([
    ...[0, 1, 2, 3, 4].map((i) => `online@PNP0A06:0${i}`),
    "add@ACPI0004:00",
    "online@ACPI0004:00",
  ]);
});

test("memory takes the proximity domain of the nearest container that has one, else the node of its address (facts §6.1)", async () => {
  const memory = (id: string): object => ({ memory: [{ id, size: "128M" }] });
  const { machine, blocks } = await boot("6.1", [
    {
      id: "outer",
      node: 2,
      ...memory("a"),
      containers: [
        { id: "own", node: 1, ...memory("b") },
        { id: "same", ...memory("c") },
      ],
    },
    { id: "none", ...memory("d") },
  ]);
  await containersOf(machine).insert("outer", NOTIFY_BUS_CHECK);
  await containersOf(machine).insert("none", NOTIFY_BUS_CHECK);
  const nodeOf = (id: string): number[] => blocks(id).map((block) => machine.map.blocks.node(block));
  expect(["a", "b", "c", "d"].map(nodeOf)).toEqual([[2], [1], [2], [0]]);
});

test.each(kernels)("%s: a container in a container comes with it, and goes and comes alone", async (kernel) => {
  const inner = { id: "c1", memory: [{ id: "m2", size: "128M" }] };
  const bench = await boot(kernel, [node({ memory: [], containers: [inner] })]);
  const { machine, blocks } = bench;
  const nested = "/sys/devices/system/container/ACPI0004:01/online";
  expect(await containersOf(machine).insert("c1", NOTIFY_BUS_CHECK)).toMatchObject({ refusal: { errno: "ENODEV" } });
  await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK);
  expect(blocks("m2")).toHaveLength(1);
  expect(await write(machine, `${CONTAINER}/online`, "0")).toBe("EBUSY");
  await write(machine, nested, "0");
  expect(await containersOf(machine).eject("c1")).toMatchObject({ value: { errno: 0 } });
  expect([blocks("m2"), read(machine, nested)]).toEqual([[], "ENOENT"]);
  await containersOf(machine).insert("c1", NOTIFY_DEVICE_CHECK);
  expect([blocks("m2").length, read(machine, nested)]).toEqual([1, "1\n"]);
  await write(machine, nested, "0");
  await write(machine, `${CONTAINER}/online`, "0");
  expect(await containersOf(machine).eject("c0")).toMatchObject({ value: { errno: 0 } });
  expect(machine.pluggedMemory()).toEqual([]);
});

test.each(kernels)(
  "%s: one memory device of a container is ejected by itself, and comes back with the next bus check",
  async (kernel) => {
    const { machine, blocks, since } = await boot(kernel, [node({ present: true })]);
    expect(await write(machine, `${MEMORY}/memory${blocks("m1")[0]}/firmware_node/eject`, "1")).toBe(0);
    expect(since()).toEqual(["m1: _OST 0x3 0x84", "remove@memory82", "m1: gone", "m1: _OST 0x103 0x0"]);
    expect([blocks("m0").length, blocks("m1").length]).toEqual([2, 0]);
    // A device check does not look inside a container that its driver holds.
    await containersOf(machine).insert("c0", NOTIFY_DEVICE_CHECK);
    expect(blocks("m1")).toEqual([]);
    await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK);
    expect([blocks("m0").length, blocks("m1").length]).toEqual([2, 1]);
  },
);

test("a container that is there at boot is scanned like a cold-plugged DIMM; in the short form its blocks start offline", async () => {
  const present = [node({ present: true })];
  const states = async (spec: ReturnType<typeof parseMachineSpec>): Promise<string[]> => {
    const machine = await bootMachine(spec, { kernel: "6.12" });
    const [memory] = containersOf(machine).memory();
    const range = { start: memory?.addr ?? 0, size: memory?.sizeBytes ?? 0 };
    return machine.blocksOf(range).map((block) => read(machine, `${MEMORY}/memory${block}/state`));
  };
  expect(await states(board(present, { cmdline: "" }))).toEqual(["online\n", "online\n"]);
  const short = { nodes: { count: 1, memory: "2G" }, containers: present };
  expect(await states(parseMachineSpec(short))).toEqual(["offline\n", "offline\n"]);
});

test("memory of a container that a kernel cannot add leaves the container there (facts §5.1)", async () => {
  const { machine, since } = await boot("6.12", [node({ memory: [{ id: "m0", size: "64M" }] })]);
  expect(await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK)).toMatchObject({ value: { errno: 0 } });
  expect(since()).toEqual([
    "c0: notify 0",
    "add@ACPI0004:00",
    "online@ACPI0004:00",
    "c0: _OST 0x0 0x0",
    "EINVAL unaligned",
  ]);
});

test("QEMU's monitor knows nothing of containers", async () => {
  const bench = await boot("6.1", [node()]);
  const { machine } = bench;
  const port = qmpPortOf(machine);
  const told: unknown[] = [];
  port.subscribe((event) => told.push(event));
  await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK);
  expect(await port.memoryDevices()).toEqual([]);
  expect((await port.memorySizeSummary()).pluggedBytes).toBe(0);
  await empty(bench);
  await containersOf(machine).eject("c0");
  expect(told).toEqual([]);
});

test("what is not in the machine is not notified: an answer, no exception", async () => {
  const { machine, since } = await boot("6.1", [node()]);
  const cause = { ok: false, refusal: { errno: "ENODEV", code: "no_entry" } };
  expect(await containersOf(machine).eject("c0")).toMatchObject(cause);
  expect(await containersOf(machine).eject("c9")).toMatchObject(cause);
  expect(await containersOf(machine).insert("c9", NOTIFY_BUS_CHECK)).toMatchObject(cause);
  expect(since()).toEqual([]);
});

test("a member that came online again after its container went offline: the kernel does not survive the eject (facts §5.2)", async () => {
  const bench = await boot("6.12", [node({ present: true })]);
  const { machine, blocks } = bench;
  await empty(bench);
  await machine.online(blocks("m0")[0] ?? -1, "movable");
  await expect(containersOf(machine).eject("c0")).rejects.toThrow(KernelBug);
});

test("4.1, force_remove: a container is emptied like any other device (facts §6.3)", async () => {
  const { machine, blocks, since } = await boot("4.1", [node({ present: true })]);
  await machine.online(blocks("m0")[0] ?? -1, "online");
  await write(machine, "/sys/firmware/acpi/hotplug/force_remove", "1");
  since();
  expect(await containersOf(machine).eject("c0")).toMatchObject({ value: { errno: 0 } });
  expect(since()).toContain("offline@memory80");
  expect(machine.pluggedMemory()).toEqual([]);
});

test("the same events with 0 and 3 workers", async () => {
  const spec = board([node(), { id: "c1", node: 2, memory: [{ id: "m2", size: 256 * MIB }] }]);
  const run = async (workers: number): Promise<string> => {
    const machine = await bootMachine(spec, { kernel: "6.12", workers, workerFactory: keptWorkers });
    const lines: string[] = [];
    machine.listen((event) => lines.push(JSON.stringify(event)));
    const plugged = (): number[] =>
      machine.pluggedMemory().flatMap(({ addr, sizeBytes }) => machine.blocksOf({ start: addr, size: sizeBytes }));
    await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK);
    await containersOf(machine).insert("c1", NOTIFY_DEVICE_CHECK);
    await machine.bulk("online", plugged(), "movable");
    lines.push(JSON.stringify(await containersOf(machine).eject("c1")));
    await machine.bulk("offline", plugged());
    await write(machine, "/sys/devices/system/container/ACPI0004:01/online", "0");
    lines.push(JSON.stringify(await containersOf(machine).eject("c1")));
    await machine.close();
    return lines.join("\n");
  };
  const inThisThread = await run(0);
  expect(inThisThread).toContain("remove");
  expect(await run(3)).toBe(inThisThread);
});

test.each(kernels)(
  "%s: who waits for the lock to write `online` of a container is reached by a signal",
  async (kernel) => {
    const { machine, blocks } = await boot(kernel, [node()]);
    await containersOf(machine).insert("c0", NOTIFY_BUS_CHECK);
    for (const block of [...blocks("m0"), ...blocks("m1")])
      if (machine.blockView(block)?.state === "online") await machine.offline(block);
    machine.holdTime();
    const [first = 0] = blocks("m0");
    const holder = machine.online(first, "online");
    const signal = new AbortController();
    const waiting = machine.write(`${CONTAINER}/online`, "0", { name: "agent", signal: signal.signal });
    await machine.wait(0);
    signal.abort();
    expect(await machine.passUntil(waiting, 0)).toBe(true);
    expect(await waiting).toMatchObject({ errno: "EINTR", refusal: { code: "signal" } });
    expect(machine.isBusy).toBe(true);
    await machine.finish(holder);
    expect((await holder).ok).toBe(true);
    expect(read(machine, `${CONTAINER}/online`)).toBe("1\n");
  },
);

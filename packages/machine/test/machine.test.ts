import { dimmsOf } from "@memhp/devices";
import type { SimEvent } from "@memhp/abi";
import { compareEvents } from "@memhp/abi";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";

const GIB = 2 ** 30;
const spec = parseMachineSpec({
  machine: "q35",
  memory: "2G",
  slots: 16,
  maxmem: "64G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
});
const state = (machine: Machine, block: number): string => {
  const read = machine.files.read(`/sys/devices/system/memory/memory${block}/state`);
  return read.ok ? read.value : read.refusal.code;
};
const write = (machine: Machine, block: number, word: string): ReturnType<Machine["files"]["write"]> =>
  machine.files.write(`/sys/devices/system/memory/memory${block}/state`, word);

async function withDimm(kernel: string, node = 1): Promise<Machine> {
  const machine = await bootMachine(spec, { kernelBlocks: [], kernel });
  await dimmsOf(machine).insert({ id: "d0", memdev: "mem-d0", sizeBytes: GIB, node });
  return machine;
}

test("a block that is going offline is seen meanwhile, and other writers wait (observed-6 §9)", async () => {
  const machine = await withDimm("6.1");
  if (state(machine, 32) === "offline\n") await write(machine, 32, "online_movable");
  machine.holdTime();
  const offlining = write(machine, 32, "offline");
  const other = write(machine, 33, "online_movable");
  expect(await machine.passUntil(offlining, 1_000_000)).toBe(false);
  expect(state(machine, 32)).toBe("going-offline\n");
  expect(state(machine, 33)).toBe("offline\n");
  const view = machine.files.read("/sys/devices/system/memory/memory32/online");
  expect(view).toMatchObject({ ok: true, value: "1\n" });
  expect(await machine.passUntil(other, 60e9)).toBe(true);
  expect(await offlining).toMatchObject({ ret: 7, errno: 0 });
  expect(await other).toMatchObject({ ret: 14, errno: 0 });
  expect([state(machine, 32), state(machine, 33)]).toEqual(["offline\n", "online\n"]);
});

test("a callback of the host program vetoes an online, at once or later", async () => {
  const machine = await withDimm("6.1");
  await machine.registerNotifier("host", 5, async (action) => (action === "MEM_GOING_ONLINE" ? 0x800d : 1));
  expect(await write(machine, 32, "online")).toMatchObject({
    ret: -1,
    errno: "ENOMEM",
    refusal: { code: "notifier_veto" },
  });
  expect(state(machine, 32)).toBe("offline\n");
});

test("events of a bulk change over two nodes come in the order of time, node, sequence", async () => {
  const machine = await withDimm("6.12", 0);
  await dimmsOf(machine).insert({ id: "d1", memdev: "mem-d1", sizeBytes: GIB, node: 1 });
  const events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  await machine.bulk(
    "offline",
    [...machine.map.blocks.ids()].filter((id) => id >= 32),
  );
  await machine.bulk(
    "online",
    [...machine.map.blocks.ids()].filter((id) => id >= 32),
    "movable",
  );
  expect(events.length).toBeGreaterThan(100);
  expect([...events].sort(compareEvents)).toEqual(events);
});

test("a cold-plugged DIMM comes up offline on 4.1 (boot-coldplug-dimm) and online on a default 6.12", async () => {
  const extra = ["-object", "memory-backend-ram,id=m,size=256M", "-device", "pc-dimm,id=d,memdev=m,node=0"];
  const cold = parseMachineSpec({ memory: "2G", smp: 1, slots: 4, maxmem: "8G", nodes: [], extra });
  expect(state(await bootMachine(cold, { kernelBlocks: [], kernel: "4.1" }), 32)).toBe("offline\n");
  expect(state(await bootMachine(cold, { kernelBlocks: [], kernel: "6.12" }), 32)).toBe("online\n");
});

test("a bulk change reports what was refused, by block", async () => {
  const machine = await withDimm("4.1");
  const answer = await machine.bulk("online", [32, 33, 34], "movable");
  expect(answer).toMatchObject({ requested: 3, changed: 0 });
  expect(answer.refused.map(({ block, errno, code }) => [block, errno, code])).toEqual([
    [32, "EINVAL", "not_adjacent"],
    [33, "EINVAL", "not_adjacent"],
    [34, "EINVAL", "not_adjacent"],
  ]);
});

test("simulated time passes only by what is done, and `wait`", async () => {
  const machine = await withDimm("6.1");
  const before = machine.nowNs;
  machine.files.read("/sys/devices/system/memory/memory32/state");
  expect(machine.nowNs).toBe(before);
  await machine.wait(5_000_000);
  expect(machine.nowNs).toBe(before + 5_000_000);
});

test("distances are those of proximity domains, which get their nodes in the order of SRAT (drivers/acpi/numa acpi_numa_slit_init)", async () => {
  // Processors come first there: domain 1 is node 0, domain 2 is node 1, domain 0 is node 2.
  const nodes = ["2", "0", "1"].map((cpus, nodeid) => ({ nodeid, mem: "1G", cpus }));
  const distances = [
    [10, 20, 30],
    [20, 10, 40],
    [30, 40, 10],
  ];
  const machine = await bootMachine(parseMachineSpec({ memory: "3G", smp: 3, nodes, distances }), { kernel: "6.12" });
  const read = (node: number, file: string): unknown =>
    machine.files.read(`/sys/devices/system/node/node${node}/${file}`);
  expect([0, 1, 2].map((node) => read(node, "cpulist"))).toMatchObject(
    ["0\n", "1\n", "2\n"].map((value) => ({ value })),
  );
  expect([0, 1, 2].map((node) => read(node, "distance"))).toMatchObject(
    ["10 40 20\n", "40 10 30\n", "20 30 10\n"].map((value) => ({ value })),
  );
  await machine.close();
});

test("a table that has no rows for gaps between domains has one for each domain", async () => {
  const nodes = [0, 3].map((nodeid) => ({ nodeid, mem: "1G", cpus: String(nodeid && 1) }));
  const distances = [
    [10, 31],
    [31, 10],
  ];
  for (const arch of ["x86_64", "ppc64"]) {
    const machine = await bootMachine(parseMachineSpec({ arch, memory: "2G", smp: 2, nodes, distances }), {
      kernel: "6.12",
    });
    expect(machine.files.read("/sys/devices/system/node/node0/distance")).toMatchObject({ value: "10 31\n" });
    await machine.close();
  }
});

test.each(["4.1", "6.12"])(
  "%s reads the firmware's distances, and ignores a SLIT that cannot be true",
  async (kernel) => {
    const distance = async (distances: readonly (readonly number[])[], node: number): Promise<string> => {
      const machine = await bootMachine({ ...spec, distances }, { kernelBlocks: [], kernel });
      const read = machine.files.read(`/sys/devices/system/node/node${node}/distance`);
      await machine.close();
      return read.ok ? read.value : read.refusal.code;
    };
    const told = [
      [10, 31],
      [21, 10],
    ];
    expect([await distance(told, 0), await distance(told, 1)]).toEqual(["10 31\n", "21 10\n"]);
    expect(await distance([told[0] ?? [], [10, 10]], 0)).toBe("10 20\n");
  },
);

import { dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, type Machine, offlineOutlook, parseMachineSpec, snapshot, start } from "../src/index.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";
import { kernels6, kernels41, MIB } from "./lab.ts";

async function boot(kernel: string, cmdline = "memhp_default_state=online", workers = 0): Promise<Machine> {
  const nodes = [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
    { nodeid: 2, cpus: "" },
  ];
  const spec = { memory: "2G", slots: 4, maxmem: "16G", smp: 2, nodes, cmdline };
  return bootMachine(parseMachineSpec(spec), { kernel, workers, workerFactory: keptWorkers });
}

const insert = (machine: Machine, node = 1) =>
  dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 512 * MIB, node });
const eject = async (machine: Machine): Promise<boolean> => {
  const answer = await dimmsOf(machine).eject("d0");
  return answer.ok && answer.value.ok;
};
const offline = async (machine: Machine, block: number): Promise<string | number> => {
  const result = await machine.offline(block);
  return result.ok ? 0 : result.refusal.errno;
};

test.for(kernels6)(
  "%s: a DIMM that came online by itself does not go again: x_default_kernel, f_auto_online",
  async (kernel) => {
    const machine = await boot(kernel);
    await insert(machine);
    expect(await eject(machine)).toBe(false);
    // Of the later blocks the kernel takes nothing.
    expect(await offline(machine, 33)).toBe(0);
    expect(await offline(machine, 32)).toBe("EBUSY");
    await machine.close();
  },
);

test("7.3: the first block goes again (f_auto_online, f_memmap_on_memory), but not of a node that has no other memory (j_memless_cpu_node), or once a program used the node (x_going_offline)", async () => {
  const machine = await boot("7.3");
  await insert(machine);
  for (let i = 0; i < 5; i++) await machine.programRan();
  expect(await offline(machine, 32)).toBe(0);
  await machine.online(32, "kernel");
  await machine.pages.loads.start({
    id: "a",
    kind: "anon",
    sizeBytes: MIB,
    policy: { mode: "bind", nodes: [1] },
  });
  expect(await offline(machine, 33)).toBe("EBUSY");
  await machine.close();

  const nodes = [
    { nodeid: 0, mem: "2G", cpus: "0" },
    { nodeid: 1, cpus: "1" },
  ];
  const cmdline = "memhp_default_state=online";
  const spec = parseMachineSpec({ memory: "2G", slots: 4, maxmem: "16G", smp: 2, nodes, cmdline });
  const memless = await bootMachine(spec, { kernel: "7.3" });
  await insert(memless);
  await memless.programRan();
  expect(await eject(memless)).toBe(false);
  await memless.close();
});

test("7.3: slab of a program's pages leaves with it (z_slab_order0), unless others ran meanwhile (z_slab_order0_hand)", async () => {
  const machine = await boot("7.3", "memhp_default_state=online_kernel");
  await insert(machine);
  const pipes = { id: "p", kind: "pipe", sizeBytes: 400 * MIB, policy: { mode: "bind", nodes: [1] } } as const;
  await machine.pages.loads.start(pipes);
  await machine.pages.loads.end("p");
  expect(await offline(machine, 33)).toBe(0);
  await machine.online(33, "kernel");
  await machine.pages.loads.start(pipes);
  expect(await offline(machine, 34)).toBe("EBUSY");
  await machine.pages.loads.end("p");
  const [behind] = await offlineOutlook(machine, [34]);
  expect(behind?.answer).not.toBe("goes_offline");
  await machine.close();
});

test("an eject right after somebody brought the block online comes first (6.1, 6.12: x_firmware_memmap)", async () => {
  const machine = await boot("6.12", "memhp_default_state=offline");
  await insert(machine);
  await machine.online(32, "online");
  expect(await eject(machine)).toBe(true);
  await machine.close();
});

test("where the first block went in time the next one is first (6.12: f_memmap_on_memory)", async () => {
  const machine = await boot("6.12", "memhp_default_state=offline");
  await insert(machine);
  await machine.online(34, "online");
  await machine.online(33, "online");
  expect(await offline(machine, 34)).toBe(0);
  for (let i = 0; i < 3; i++) await machine.programRan();
  await machine.online(34, "online");
  expect(await offline(machine, 34)).toBe(0);
  expect(await offline(machine, 33)).toBe("EBUSY");
  await machine.close();
});

test("ZONE_MOVABLE, and a node without processors, the kernel leaves alone (n_absent_del_order)", async () => {
  const movable = await boot("6.12", "memhp_default_state=online_movable");
  await insert(movable);
  await movable.wait(1e9);
  expect(await eject(movable)).toBe(true);
  await movable.close();
  const far = await boot("6.12");
  await insert(far, 2);
  for (let i = 0; i < 5; i++) await far.programRan();
  expect(await eject(far)).toBe(true);
  await far.close();
});

test.for(kernels41)("%s: nothing regular is known of it", async (kernel) => {
  const machine = await boot(kernel, "");
  await insert(machine);
  await machine.online(32, "online");
  for (let i = 0; i < 5; i++) await machine.programRan();
  expect(await offline(machine, 32)).toBe(0);
  await machine.close();
});

test("what somebody tells of a block counts more", async () => {
  const machine = await boot("6.12");
  await insert(machine);
  for (let i = 0; i < 3; i++) await machine.programRan();
  await machine.markUnmovable([32], false);
  expect(await offline(machine, 32)).toBe(0);
  await machine.close();
});

test("an image knows how far the kernel had come; the same bytes on workers", async () => {
  const machine = await boot("6.12", "memhp_default_state=offline");
  await insert(machine);
  await machine.online(32, "online");
  await machine.programRan();
  const image = await snapshot(machine);
  expect(image.freshZones).toEqual([{ node: 1, zone: 2, blocks: [32], runs: 1 }]);
  const answers = new Set<string>();
  for (const workers of [0, 2]) {
    const other = await start(structuredClone(image), { workers, workerFactory: keptWorkers });
    await other.programRan();
    expect(await offline(other, 32)).toBe("EBUSY");
    answers.add(JSON.stringify(await snapshot(other)));
    await other.close();
  }
  await machine.programRan();
  expect(await offline(machine, 32)).toBe("EBUSY");
  answers.add(JSON.stringify(await snapshot(machine)));
  expect(answers.size).toBe(1);
  await machine.close();
});

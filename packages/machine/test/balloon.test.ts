import { GIB, MIB, type SimEvent } from "@memhp/abi";
import { balloonOf, dimmsOf } from "@memhp/devices";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bootMachine,
  executeCommand,
  type Machine,
  type MachineImage,
  parseMachineSpec,
  snapshot,
  start,
} from "../src/index.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";
import { memoryUse, type MemoryUse, useMemory } from "./memory-use.ts";

const raw = {
  memory: "1G",
  smp: 3,
  slots: 8,
  maxmem: "6G",
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
    { nodeid: 2, cpus: "2" },
  ],
  cmdline: "memhp_default_state=online_movable",
  extra: ["-device", "virtio-balloon-pci,id=b0"],
};

async function boot(kernel: string, config: Readonly<Record<string, boolean>> = {}): Promise<Machine> {
  const machine = await bootMachine(parseMachineSpec(raw), { kernel, kernelBlocks: [], config });
  await machine.loadModule("virtio_balloon");
  await machine.idle();
  return machine;
}

const kb = (machine: Machine, name: string): number => {
  const read = machine.files.read("/proc/meminfo");
  return Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(read.ok ? read.value : "")?.[1]);
};

async function request(machine: Machine, bytes: number, waitNs = 1e9): Promise<number> {
  expect(await executeCommand(machine, "balloon", { value: bytes })).toEqual({ return: {} });
  await machine.wait(waitNs);
  const { return: info } = (await executeCommand(machine, "query-balloon", {})) as { return: { actual: number } };
  return info.actual;
}

// drivers/virtio/virtio_balloon.c; none of it was recorded.
test("what is in the balloon is the guest's no more: MemTotal falls, and rises again", async () => {
  const machine = await boot("6.12");
  const total = kb(machine, "MemTotal");
  expect(await request(machine, 768 * MIB)).toBe(768 * MIB);
  expect(kb(machine, "MemTotal")).toBe(total - 256 * 1024);
  expect(balloonOf(machine).balloon).toMatchObject({ state: "resting", heldBytes: 256 * MIB });
  expect(await machine.pages.audit()).toEqual([]);
  expect(await request(machine, 8 * GIB)).toBe(GIB);
  expect(kb(machine, "MemTotal")).toBe(total);
});

test("a DIMM counts as soon as the board has it; the balloon that fills it keeps it from leaving until it deflates", async () => {
  const machine = await boot("6.12");
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: GIB, node: 1 });
  expect(await request(machine, 256 * MIB)).toBe(256 * MIB);
  const eject = dimmsOf(machine).eject("d0");
  expect(await machine.passUntil(eject, 60e9)).toBe(false);
  // Nothing is left in the balloon, and by then the DIMM is gone.
  expect(await request(machine, 2 * GIB)).toBe(GIB);
  await machine.finish(eject);
  expect(await eject).toMatchObject({ ok: true, value: { ok: true } });
  expect(await machine.pages.audit()).toEqual([]);
});

test("more than there is: what is free is taken, and the driver tries again every 200 ms", async () => {
  const machine = await boot("6.12");
  const logs: string[] = [];
  machine.listen((event: SimEvent) => {
    if (event.type === "log") logs.push(event.text);
  });
  machine.autoOnline = "offline";
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 256 * MIB, node: 0 });
  const actual = await request(machine, 4 * MIB);
  expect(actual).toBeGreaterThan(4 * MIB);
  expect(balloonOf(machine).balloon?.state).toBe("waiting");
  // What is missing is told as the one page that it asked for (fill_balloon of 4.1 to 7.1: VIRTIO_BALLOON_PAGES_PER_PAGE).
  expect(logs.filter((text) => text.includes("Out of puff!"))).toEqual([
    "virtio_balloon virtio0: Out of puff! Can't get 1 pages",
  ]);
  // Memory that comes online meanwhile is taken too.
  const blocks = machine
    .pluggedMemory()
    .flatMap(({ addr, sizeBytes: size }) => machine.blocksOf({ start: addr, size }));
  await machine.bulk("online", blocks, "movable");
  await machine.wait(1e9);
  expect(balloonOf(machine).balloon?.actualBytes).toBeLessThan(actual - 200 * MIB);
  expect(await request(machine, 2 * GIB)).toBe(GIB + 256 * MIB);
});

test("pages of a balloon move on 6.12; 4.1 refuses at once to offline what they are on, and so does a kernel without COMPACTION", async () => {
  for (const [kernel, config, answer] of [
    ["6.12", {}, { ok: true }],
    ["4.1", {}, { ok: false, refusal: { errno: "EBUSY" } }],
  ] as const) {
    const machine = await boot(kernel, config);
    await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 128 * MIB, node: 0 });
    const [block = 0] = machine
      .pluggedMemory()
      .flatMap(({ addr, sizeBytes: size }) => machine.blocksOf({ start: addr, size }));
    if (kernel === "4.1") await machine.online(block, "movable");
    await request(machine, machine.spec.memoryBytes + 120 * MIB);
    const held = await machine.pages.runs(block * machine.map.blockPages, machine.map.blockPages);
    expect(held.some(({ page }) => page?.kind === "balloon")).toBe(true);
    expect(await machine.offline(block)).toMatchObject(answer);
  }
  const without = await boot("6.12", { COMPACTION: false, TRANSPARENT_HUGEPAGE: false });
  await dimmsOf(without).insert({ id: "d0", memdev: "m0", sizeBytes: 256 * MIB, node: 0 });
  await request(without, 512 * MIB);
  const zone = without.map.nodes.get(0)?.zones.find(({ index }) => index === 3);
  // Its pages cannot move, so that none lies in ZONE_MOVABLE.
  expect([zone?.presentPages, zone?.managedPages]).toEqual([0x10000, 0x10000]);
  expect(balloonOf(without).balloon?.heldBytes).toBe(768 * MIB);
});

test("BALLOON_CHANGE at most once in a second, and the last one late", async () => {
  const machine = await boot("7.3");
  const told: number[] = [];
  machine.listen((event: SimEvent) => {
    if (event.type === "balloon_change") told.push(event.actualBytes / MIB);
  });
  for (const mib of [900, 800, 700]) await request(machine, mib * MIB, 1e6);
  expect(told).toEqual([900]);
  await machine.wait(1e9);
  expect(told).toEqual([900, 700]);
});

test("a machine without a balloon, a size that is none, a second balloon", async () => {
  const machine = await bootMachine(parseMachineSpec({ memory: "1G" }), { kernel: "6.12" });
  expect(await executeCommand(machine, "query-balloon", {})).toMatchObject({
    error: { class: "DeviceNotActive", desc: "No balloon device has been activated" },
  });
  expect(await executeCommand(await boot("6.12"), "balloon", { value: 0 })).toMatchObject({
    error: { class: "GenericError" },
  });
  expect(() => parseMachineSpec({ ...raw, extra: [...raw.extra, "-device", "virtio-balloon"] })).toThrow(
    "Only one balloon",
  );
});

type Step = { readonly use: MemoryUse } | { readonly mib: number; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: memoryUse.map((use) => ({ use })) },
  { weight: 3, arbitrary: fc.record({ mib: fc.integer({ min: 1, max: 2048 }), ms: fc.constantFrom(0, 1, 150, 1000) }) },
);

async function perform(machine: Machine, step: Step, i: number): Promise<unknown> {
  if ("use" in step) return useMemory(machine, step.use, i);
  const answer = balloonOf(machine).request(step.mib * MIB);
  await machine.wait(step.ms * 1e6);
  return answer;
}

test.for([
  { kernel: "4.1", workers: 0, seed: 81 },
  { kernel: "6.12", workers: 0, seed: 82 },
  { kernel: "7.3", workers: 3, seed: 83 },
])(
  "$kernel: a balloon under random use loses no page; stopped anywhere, $workers workers go on byte for byte",
  { timeout: 60_000 },
  async ({ kernel, workers, seed }) => {
    const run = async (machine: Machine, steps: readonly Step[], from: number, told: string[]): Promise<boolean> => {
      machine.listen((event: SimEvent) => told.push(JSON.stringify(event)));
      for (const [i, each] of steps.entries()) {
        const answer = await perform(machine, each, from + i);
        if (answer === "stuck") return false;
        // An image is taken when no work is under way.
        await machine.wait(0);
        told.push(JSON.stringify(answer) ?? "");
        expect(await machine.pages.audit()).toEqual([]);
      }
      return true;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), fc.nat(), async (steps, at) => {
        const stop = at % (steps.length + 1);
        const [whole, told]: [string[], string[]] = [[], []];
        const first = await boot(kernel);
        if (!(await run(first, steps, 0, whole))) return;
        const before = await boot(kernel);
        await run(before, steps.slice(0, stop), 0, told);
        const image = JSON.parse(JSON.stringify(await snapshot(before))) as MachineImage;
        const after = await start(image, { workers, workerFactory: keptWorkers });
        await run(after, steps.slice(stop), stop, told);
        expect(told).toEqual(whole);
        expect(JSON.stringify(await snapshot(after))).toBe(JSON.stringify(await snapshot(first)));
        for (const machine of [first, before, after]) await machine.close();
      }),
      { seed, numRuns: workers === 0 ? 4 : 1, endOnFailure: true },
    );
  },
);

test.for([0, 2])(
  "whoever reads after the monitor's answer sees all that needs no time (%i workers)",
  async (workers) => {
    const { spec } = await boot("6.12");
    const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [], workers, workerFactory: keptWorkers });
    await machine.loadModule("virtio_balloon");
    const total = kb(machine, "MemTotal");
    const heard: string[] = [];
    machine.listen(({ type }) => heard.push(type));
    expect(await executeCommand(machine, "balloon", { value: 768 * MIB })).toEqual({ return: {} });
    expect([kb(machine, "MemTotal"), machine.nowNs]).toEqual([total - 256 * 1024, 0]);
    expect(await executeCommand(machine, "query-balloon", {})).toEqual({ return: { actual: 768 * MIB } });
    expect(heard).toContain("balloon_change");
    await machine.close();
  },
);

import { GIB, MIB, type Refusal, type SimEvent } from "@memhp/abi";
import { virtioMemsOf } from "@memhp/devices";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootMachine, offlineOutlook, type Machine, parseMachineSpec } from "../src/index.ts";
import { vmemMachine, vmemSpec } from "./virtio-mem-use.ts";

const BLOCK = 0x8000;
const sizeOf = (machine: Machine, id = "v0"): number => (virtioMemsOf(machine).get(id)?.pluggedBytes ?? 0) / MIB;
const blocksOf = (machine: Machine, id = "v0"): number[] => {
  const { addr = 0, sizeBytes: size = 0 } = virtioMemsOf(machine).get(id) ?? {};
  return machine.blocksOf({ start: addr, size });
};
function hear(machine: Machine): SimEvent[] {
  const events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  return events;
}
const refusals = (events: readonly SimEvent[]): Refusal[] =>
  events.flatMap((event) => (event.type === "refusal" ? [event.refusal] : []));

test("a device whose driver is not loaded says so, and what was requested comes with the driver", async () => {
  const spec = parseMachineSpec({
    memory: "1G",
    maxmem: "4G",
    slots: 1,
    extra: ["-object", "memory-backend-ram,id=m0,size=1G", "-device", "virtio-mem-pci,id=v0,memdev=m0,block-size=2M"],
  });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  const events = hear(machine);
  expect(virtioMemsOf(machine).request("v0", 256 * MIB)).toMatchObject({ ok: true });
  await machine.idle();
  expect(sizeOf(machine)).toBe(0);
  expect(refusals(events)).toMatchObject([{ errno: "ENODEV", remedy: ["insmod virtio_mem"] }]);
  expect(await machine.loadModule("virtio_mem")).toMatchObject({ ok: true });
  await machine.idle();
  expect(sizeOf(machine)).toBe(256);
  expect(await machine.loadModule("virtio_mem")).toMatchObject({ refusal: { errno: "EEXIST" } });
});

describe("parameters of the module (drivers/virtio/virtio_mem.c, kernel/params.c)", () => {
  const load = async (words: string): Promise<[answer: unknown, log: string[]]> => {
    const machine = await bootMachine(vmemSpec, { kernel: "6.12", kernelBlocks: [] });
    onTestFinished(() => machine.close());
    const events = hear(machine);
    const loaded = await machine.loadModule("virtio_mem", words);
    await machine.idle();
    const log = events.flatMap((event) => (event.type === "log" ? [event.text] : []));
    return [loaded.ok ? "loaded" : loaded.refusal.errno, log];
  };

  test("one that it does not have is told and passed over", async () => {
    const [answer, log] = await load("no_such=1 force_bbm");
    expect(answer).toBe("loaded");
    expect(log[0]).toBe("virtio_mem: unknown parameter 'no_such' ignored");
    expect(log).toContainEqual(expect.stringContaining("big block size: 0x8000000"));
  });

  test.each(["force_bbm=yes", "force-bbm=On", "force_bbm=1"])("%s is a yes", async (words) => {
    const [answer, log] = await load(words);
    expect([answer, log.some((line) => line.includes("big block size"))]).toEqual(["loaded", true]);
  });

  test.each(["force_bbm=", "unplug_online=maybe", "bbm_block_size=256M", "bbm_block_size"])(
    "%s keeps it from being loaded",
    async (words) => {
      expect((await load(words))[0]).toBe("EINVAL");
    },
  );

  test.each([
    ["3000000", "bbm_block_size is not a power of 2"],
    ["0x1000000", "bbm_block_size is too small"],
  ])("a big block of %s is warned of, and the least one taken", async (bytes, warning) => {
    const [answer, log] = await load(`force_bbm=1 bbm_block_size=${bytes}`);
    expect(answer).toBe("loaded");
    expect(log).toContainEqual(expect.stringMatching(new RegExp(`virtio_mem virtio\\d: ${warning}$`)));
    expect(log).toContainEqual(expect.stringContaining("big block size: 0x8000000"));
    // Only where big blocks are used is it looked at.
    expect((await load(`bbm_block_size=${bytes}`))[1].join("\n")).not.toContain("bbm_block_size");
  });
});

test("sizes that QEMU refuses", async () => {
  const machine = await vmemMachine({ kernel: "6.12", mode: "" });
  const vmems = virtioMemsOf(machine);
  expect(vmems.request("v0", 3 * MIB)).toMatchObject({ refusal: { desc: expect.stringContaining("multiple") } });
  expect(vmems.request("v0", 2 * GIB)).toMatchObject({ refusal: { class: "GenericError" } });
  expect(vmems.request("nobody", 0)).toMatchObject({ refusal: { class: "DeviceNotFound" } });
});

test("a partly plugged block: present and managed differ, an offline is foreseen and goes, and its frames stay withheld", async () => {
  const machine = await vmemMachine({ kernel: "6.12", mode: "", policy: "online_movable" });
  virtioMemsOf(machine).request("v0", 320 * MIB);
  await machine.idle();
  expect(sizeOf(machine)).toBe(320);
  const last = blocksOf(machine).at(-1) ?? 0;
  const movable = (): unknown => {
    const zone = machine.map.nodes.get(0)?.zones.find(({ index }) => index === 3);
    return [zone?.presentPages, zone?.managedPages];
  };
  expect(movable()).toEqual([3 * BLOCK, 2.5 * BLOCK]);
  const [foreseen] = await offlineOutlook(machine, [last]);
  expect(foreseen).toMatchObject({ answer: "goes_offline" });
  expect(await machine.offline(last)).toMatchObject({ ok: true });
  expect(movable()).toEqual([2 * BLOCK, 2 * BLOCK]);
  expect(await machine.online(last, "movable")).toMatchObject({ ok: true });
  expect(movable()).toEqual([3 * BLOCK, 2.5 * BLOCK]);
  expect(await machine.pages.audit()).toEqual([]);
});

test("a shrink that stops says why and what would help, is tried again after 50 s, 100 s and so on to 300 s, and at once when asked", async () => {
  const machine = await vmemMachine({ kernel: "6.12", mode: "" });
  const [first = 0] = blocksOf(machine);
  await machine.markUnmovable([first], true);
  const events = hear(machine);
  virtioMemsOf(machine).request("v0", 0);
  await machine.idle();
  expect(virtioMemsOf(machine).get("v0")).toMatchObject({ state: "backing_off", pluggedBytes: 4 * MIB });
  const stops = (): readonly (readonly [number, Refusal])[] =>
    events.flatMap((event) =>
      event.type === "refusal" && event.refusal.rule.includes("tries again")
        ? [[event.atNs, event.refusal] as const]
        : [],
    );
  const [[, why] = [0, undefined]] = stops();
  expect(why).toMatchObject({ errno: "EBUSY", code: "unmovable_page", retry: "maybe", block: first });
  expect(why?.remedy.join(" ")).toContain("online the device's blocks as movable");
  await machine.wait(1200e9);
  // The blocks that it could remove may have freed what others need: it tries again at once, then waits.
  const seconds = stops().map(([atNs]) => Math.round(atNs / 1e9));
  expect(seconds.slice(1).map((each, i) => each - (seconds[i] ?? 0))).toEqual([0, 50, 100, 200, 300, 300]);
  await machine.markUnmovable([first], false);
  virtioMemsOf(machine).request("v0", 0);
  await machine.idle();
  expect(virtioMemsOf(machine).get("v0")).toMatchObject({ state: "resting", pluggedBytes: 0 });
  expect(blocksOf(machine)).toEqual([]);
});

test("at most 1 GiB of a device is offline at a time", async () => {
  const spec = parseMachineSpec({
    memory: "1G",
    maxmem: "8G",
    slots: 1,
    cmdline: "memhp_default_state=offline",
    extra: [
      "-object",
      "memory-backend-ram,id=m0,size=3G",
      "-device",
      "virtio-mem-pci,id=v0,memdev=m0,requested-size=2G",
    ],
  });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  await machine.loadModule("virtio_mem");
  await machine.idle();
  expect(virtioMemsOf(machine).get("v0")).toMatchObject({ state: "full", pluggedBytes: GIB });
  await machine.bulk("online", blocksOf(machine), "movable");
  await machine.idle();
  expect(virtioMemsOf(machine).get("v0")).toMatchObject({ pluggedBytes: 2 * GIB });
});

test("the monitor tells sizes at most once in a second, and the last one late", async () => {
  const machine = await vmemMachine({ kernel: "6.12", mode: "" });
  await machine.wait(5e9);
  const events = hear(machine);
  virtioMemsOf(machine).request("v0", GIB);
  await machine.wait(5e9);
  const told = events.flatMap((event) =>
    event.type === "memory_size_change" ? [[event.sizeBytes / MIB, event.atNs] as const] : [],
  );
  expect(told.at(-1)?.[0]).toBe(1024);
  for (const [i, [, atNs]] of told.slice(1).entries()) expect(atNs - (told[i]?.[1] ?? 0)).toBeGreaterThanOrEqual(1e9);
});

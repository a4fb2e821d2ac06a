import { GIB, MIB, type Refusal, type SimEvent } from "@memhp/abi";
import { daxOf } from "@memhp/devices";
import { describe, expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";

const DAX = "/sys/bus/dax";

interface Boot {
  readonly kernel?: string;
  readonly cmdline?: string;
  readonly dax?: readonly object[];
  readonly config?: Readonly<Record<string, boolean>>;
}

function boot({
  kernel = "6.12",
  cmdline = "memhp_default_state=offline",
  dax = [{ size: "1G" }],
  config,
}: Boot = {}): Promise<Machine> {
  const spec = parseMachineSpec({ memory: "2G", smp: 1, slots: 2, maxmem: "4G", cmdline, dax });
  return bootMachine(spec, { kernel, kernelBlocks: [], ...(config === undefined ? {} : { config }) });
}

function hear(machine: Machine): { readonly logs: string[]; readonly refusals: Refusal[] } {
  const heard = { logs: [] as string[], refusals: [] as Refusal[] };
  machine.listen((event: SimEvent) => {
    if (event.type === "log") heard.logs.push(event.text);
    if (event.type === "refusal") heard.refusals.push(event.refusal);
  });
  return heard;
}

const iomem = (machine: Machine): string => {
  const read = machine.files.read("/proc/iomem");
  return read.ok ? read.value : "";
};
const text = (machine: Machine, path: string): string => {
  const read = machine.files.read(path);
  return read.ok ? read.value : String(read.refusal.errno);
};
const blocksOf = (machine: Machine, id = "dax0.0"): number[] =>
  daxOf(machine)
    .memory()
    .filter((each) => each.id === id)
    .flatMap(({ addr, sizeBytes: size }) => machine.blocksOf({ start: addr, size }));

test("a region has one device: another is refused, and says what to write instead", async () => {
  const machine = await boot({ dax: [{ size: "1G", region: "2G" }] });
  const { errno, refusal } = await machine.write("/sys/devices/platform/hmem.0/dax_region/create", "1");
  expect({ errno, code: refusal?.code, detail: refusal?.detail }).toEqual({
    errno: "EOPNOTSUPP",
    code: "not_built",
    detail: "memhp has one device in a region, dax0.0",
  });
  await machine.close();
});

// mm/memory-tiers.c since 6.1: MEMTIER_ADISTANCE_DRAM and five times that, in chunks of 128.
test("memory tiers: a node that has nothing but what kmem brought is of another tier than DRAM, while it has memory", async () => {
  const TIERS = "/sys/devices/virtual/memory_tiering";
  const spec = parseMachineSpec({
    nodes: { count: 1, memory: "2G" },
    cmdline: "memhp_default_state=offline",
    dax: [{ size: "1G", node: 1 }],
  });
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  const tiers = (): unknown => machine.files.list(TIERS);
  expect(tiers()).toMatchObject({ value: ["memory_tier4"] });
  await machine.loadModule("kmem");
  expect(tiers()).toMatchObject({ value: ["memory_tier4"] });
  const [first] = blocksOf(machine);
  await machine.write(`/sys/devices/system/memory/memory${first}/state`, "online_movable");
  expect(tiers()).toMatchObject({ value: ["memory_tier22", "memory_tier4"] });
  expect(text(machine, `${TIERS}/memory_tier22/nodelist`)).toBe("1\n");
  expect(text(machine, `${TIERS}/memory_tier4/nodelist`)).toBe("0\n");
  await machine.write(`/sys/devices/system/memory/memory${first}/state`, "offline");
  expect(tiers()).toMatchObject({ value: ["memory_tier4"] });
  await machine.close();
  const older = await boot({ kernel: "5.15" });
  expect(older.files.stat(TIERS).ok).toBe(false);
  await older.close();
});

// drivers/dax/kmem.c of 6.1: what the driver says and does; none of it was recorded.
test("kmem: blocks come as a group, an unbind while one is online leaves the memory until the next boot", async () => {
  const machine = await boot({ kernel: "6.1" });
  const heard = hear(machine);
  expect(await machine.write(`${DAX}/drivers/device_dax/unbind`, "dax0.0")).toMatchObject({ errno: 0, ret: 6 });
  expect(await machine.loadModule("kmem")).toMatchObject({ ok: true });
  expect(await machine.write(`${DAX}/drivers/kmem/bind`, "dax0.0")).toMatchObject({ errno: "ENODEV" });
  expect(await machine.write(`${DAX}/drivers/kmem/new_id`, "dax0.0")).toMatchObject({ errno: 0 });
  const blocks = blocksOf(machine);
  expect(blocks).toHaveLength(GIB / (128 * MIB));
  expect(iomem(machine)).toMatch(/Soft Reserved\n +\S+ : hmem\.0\n +\S+ : dax0\.0\n +(\S+) : System RAM \(kmem\)\n/);
  expect(daxOf(machine).get("dax0.0")).toMatchObject({ state: "system_ram.offline", blocks: { online: 0, total: 8 } });

  await machine.online(blocks[3] ?? 0, "movable");
  expect(daxOf(machine).get("dax0.0")).toMatchObject({ state: "system_ram.partly_online", blocks: { online: 1 } });
  const start = (blocks[0] ?? 0) * 128 * MIB;
  expect(await machine.write(`${DAX}/drivers/kmem/unbind`, "dax0.0")).toMatchObject({ errno: 0 });
  expect(heard.logs.slice(-2)).toEqual([
    expect.stringContaining("removing memory fails, because memory"),
    `kmem dax0.0: mapping0: 0x${start.toString(16)}-0x${(start + GIB - 1).toString(16)} cannot be hotremoved until the next reboot`,
  ]);
  expect(heard.refusals.at(-1)).toMatchObject({ errno: "EBUSY", block: blocks[3], retry: "no" });
  expect(daxOf(machine).get("dax0.0")).toMatchObject({ state: "left_online" });
  expect(blocksOf(machine)).toEqual(blocks);

  await machine.offline(blocks[3] ?? 0);
  for (const driver of ["kmem", "device_dax"] as const)
    expect(await daxOf(machine).bind("dax0.0", driver)).toMatchObject({ refusal: { errno: "EBUSY", code: "overlap" } });
  expect(await daxOf(machine).eject("dax0.0")).toMatchObject({ refusal: { errno: "EBUSY" } });
  expect(await machine.pages.audit()).toEqual([]);
});

test("all blocks offline: the driver leaves with its memory, and can have it again", async () => {
  const machine = await boot();
  const before = iomem(machine);
  await machine.loadModule("kmem");
  await machine.bulk("online", blocksOf(machine), "movable");
  expect(daxOf(machine).get("dax0.0")).toMatchObject({ state: "system_ram.online", blocks: { online: 8, total: 8 } });
  await machine.bulk("offline", blocksOf(machine));
  expect(await machine.unloadModule("kmem")).toMatchObject({ ok: true });
  expect([blocksOf(machine), iomem(machine)]).toEqual([[], before]);
  expect(await machine.loadModule("kmem")).toMatchObject({ ok: true });
  expect(blocksOf(machine)).toHaveLength(8);
});

test("each mapping by itself: one goes, the other stays; one too small for a block is passed over", async () => {
  const machine = await boot({ dax: [{ source: "cxl", mappings: ["256M", "128M", "64M"] }] });
  const heard = hear(machine);
  await machine.loadModule("kmem");
  expect(heard.logs).toContainEqual(expect.stringMatching(/^kmem dax0\.0: mapping2: \S+ too small after alignment$/));
  const blocks = blocksOf(machine);
  expect(blocks).toHaveLength(3);
  await machine.online(blocks[0] ?? 0, "movable");
  await machine.write(`${DAX}/drivers/kmem/unbind`, "dax0.0");
  expect(blocksOf(machine)).toEqual(blocks.slice(0, 2));
  expect(
    text(machine, "/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0/dax0.0/mapping1/page_offset"),
  ).toBe("0x10000\n");
});

test("persistent memory: the namespace keeps struct pages in front, and kmem what is left in whole blocks (8 GiB: 130 MiB)", async () => {
  const machine = await boot({ dax: [{ source: "pmem", size: "8G", addr: "0x140000000" }] });
  const heard = hear(machine);
  await machine.loadModule("kmem");
  // The driver's own changelog (c221c0b0308f) shows these ranges.
  expect(iomem(machine)).toContain("140000000-33fffffff : Persistent Memory\n  140000000-1481fffff : namespace0.0\n");
  expect(blocksOf(machine)).toEqual([]);
  expect(await daxOf(machine).unbind("dax0.0", "device_dax")).toMatchObject({ ok: true });
  expect(await daxOf(machine).newId("dax0.0", "kmem")).toMatchObject({ ok: true });
  expect(iomem(machine)).toContain("  150000000-33fffffff : dax0.0\n    150000000-33fffffff : System RAM (kmem)\n");
  expect(heard.refusals).toEqual([]);
  expect(await machine.write(`${DAX}/devices/dax0.0/size`, "0")).toMatchObject({ openErrno: "EACCES" });
});

describe("a device can be resized while no driver has it", () => {
  test("into what its region has, in multiples of 2M", async () => {
    const machine = await boot({ dax: [{ source: "cxl", size: "256M", region: "1G" }] });
    const size = `${DAX}/devices/dax0.0/size`;
    const region = "/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0/dax_region";
    expect(text(machine, `${region}/available_size`)).toBe(`${768 * MIB}\n`);
    expect(await machine.write(size, "3145728")).toMatchObject({ errno: "EINVAL" });
    expect(await machine.write(size, String(2 * GIB))).toMatchObject({ errno: "ENOSPC" });
    expect(await machine.write(size, String(GIB))).toMatchObject({ errno: 0 });
    await machine.loadModule("kmem");
    expect(blocksOf(machine)).toHaveLength(8);
    expect(await machine.write(size, "0")).toMatchObject({ errno: "EBUSY" });
    await daxOf(machine).unbind("dax0.0", "kmem");
    expect(await machine.write(size, "0")).toMatchObject({ errno: 0 });
    expect(await daxOf(machine).bind("dax0.0", "kmem")).toMatchObject({ refusal: { errno: "ENXIO" } });
  });
});

test("a region that is made later brings its node, and is taken apart only when nothing of it is online", async () => {
  const spec = parseMachineSpec({
    nodes: { count: 1, memory: "1G" },
    cmdline: "memhp_default_state=offline",
    dax: [{ source: "cxl", size: "512M", node: 1, present: false }],
  });
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  await machine.loadModule("kmem");
  expect(machine.map.nodes.get(1)?.online ?? false).toBe(false);
  expect(await daxOf(machine).insert("dax0.0")).toMatchObject({ ok: true });
  expect(machine.map.nodes.get(1)?.online).toBe(true);
  await machine.bulk("online", blocksOf(machine), "movable");
  expect(await daxOf(machine).eject("dax0.0")).toMatchObject({ refusal: { errno: "EBUSY", total: 4 } });
  await machine.bulk("offline", blocksOf(machine));
  expect(await daxOf(machine).eject("dax0.0")).toMatchObject({ ok: true });
  expect([daxOf(machine).list(), machine.map.nodes.get(1)?.online ?? false]).toEqual([[], false]);
  expect(iomem(machine)).not.toContain("CXL");
});

test("memmap_on_memory: the device's file asks, memory_hotplug.memmap_on_memory allows", async () => {
  const off = await boot({ dax: [{ source: "cxl", size: "256M" }] });
  const file = `${DAX}/devices/dax0.0/memmap_on_memory`;
  expect(text(off, file)).toBe("1\n");
  expect(await off.write(file, "1")).toMatchObject({ errno: "EOPNOTSUPP" });
  const cmdline = "memhp_default_state=online_movable memory_hotplug.memmap_on_memory=1";
  const machine = await boot({
    cmdline,
    dax: [
      { source: "cxl", size: "256M" },
      { source: "hmem", size: "256M" },
    ],
  });
  await machine.loadModule("kmem");
  const zone = machine.map.nodes.get(0)?.zones.find(({ index }) => index === 3);
  // 2 MiB of each of the first device's two blocks (observed-6 §13: managed 32256 of 32768); none of the second's.
  expect([zone?.presentPages, zone?.managedPages]).toEqual([4 * 0x8000, 2 * 0x7e00 + 2 * 0x8000]);
  expect(await machine.write(file, "0")).toMatchObject({ errno: "EBUSY" });
});

test("what kernels have: none before 5.1, System RAM until 5.8, soft-reserved memory since 5.5, CXL since 6.3", async () => {
  const old = await boot({ kernel: "4.1" });
  expect(await old.loadModule("kmem")).toMatchObject({
    refusal: { errno: "ENOENT", remedy: [expect.stringContaining("5.1")] },
  });
  expect(old.files.list(DAX)).toMatchObject({ ok: false });
  const dax = [
    { source: "pmem", size: "1G" },
    { source: "hmem", size: "1G" },
    { source: "cxl", size: "1G" },
  ];
  const first = await boot({ kernel: "5.4", dax });
  expect(
    daxOf(first)
      .list()
      .map(({ id }) => id),
  ).toEqual(["dax0.0"]);
  await first.loadModule("kmem");
  await daxOf(first).unbind("dax0.0", "device_dax");
  await daxOf(first).newId("dax0.0", "kmem");
  expect(iomem(first)).toMatch(/ : dax0\.0\n +\S+ : System RAM\n/);
  expect(
    daxOf(await boot({ kernel: "6.1", dax }))
      .list()
      .map(({ id }) => id),
  ).toEqual(["dax0.0", "dax1.0"]);
});

test("without CONFIG_MEMORY_HOTREMOVE the driver leaves and its memory stays", async () => {
  const machine = await boot({ config: { MEMORY_HOTREMOVE: false } });
  await machine.loadModule("kmem");
  expect(await machine.unloadModule("kmem")).toMatchObject({ ok: true });
  expect([blocksOf(machine).length, daxOf(machine).get("dax0.0")?.state]).toEqual([8, "left_online"]);
});

test.each<[string, object, RegExp]>([
  ["a name", { id: "dax0.1", size: "1G" }, /machine\.dax\[0\]\.id: expected daxN\.0/],
  ["a size", { size: "1M" }, /machine\.dax\[0\]\.size: expected a multiple of 2M/],
  ["a node", { size: "1G", node: 3 }, /machine\.dax\[0\]\.node: a machine without nodes/],
  ["a word", { size: "1G", nodes: 1 }, /machine\.dax\[0\]\.nodes: is not known/],
  ["a region", { size: "1G", region: "512M" }, /machine\.dax\[0\]\.region: is smaller/],
])("%s that no device has is refused with its place", (_what, device, message) => {
  expect(() => parseMachineSpec({ memory: "1G", dax: [device] })).toThrow(message);
});

import { boot, parseMachineSpec } from "@memhp/machine";
import { expect, test } from "vitest";
import { readDocument, runDocument, type Trace } from "../src/index.ts";

async function run(machine: object, steps: readonly object[] = [], kernel = "6.1"): Promise<Trace> {
  const document = readDocument({ format: "memhp-scenario/1", name: "test", kernel, machine, steps }, "test");
  return (await runDocument(document)).trace;
}

const board = { memory: "2G", slots: 4, maxmem: "8G", nodes: [] };
const words = (trace: Trace): readonly string[] | undefined => trace.ignored?.map(({ word }) => word);

test("words that are carried out, or that do not concern memory, are not listed", async () => {
  const cmdline = "console=ttyS0 panic=-1 quiet numa=off mem=1G movable_node memory_hotplug.memmap_on_memory=1";
  expect(await run({ ...board, cmdline })).not.toHaveProperty("ignored");
  expect(await run(board)).not.toHaveProperty("ignored");
});

test("words of the kernel command line that concern memory and come to nothing are listed with the reason", async () => {
  const cmdline = "numa=fake=x crashkernel=lots hugepagesz=16M quiet memmap=1G@4G memory_hotplug.no_such=1";
  const trace = await run({ ...board, cmdline });
  expect(words(trace)).toEqual([
    "numa=fake=x",
    "crashkernel=lots",
    "memmap=1G@4G",
    "memory_hotplug.no_such=1",
    "hugepagesz=16M",
  ]);
  for (const { where, why } of trace.ignored ?? []) {
    expect(where).toBe("machine.cmdline");
    expect(why).not.toBe("");
  }
});

test.for([
  ["a flag without a value in front", ["-nodefaults"], ["-nodefaults"]],
  ["two flags in front", ["-nographic", "-enable-kvm"], ["-nographic", "-enable-kvm"]],
  ["another device", ["-device", "virtio-rng-pci"], ["-device virtio-rng-pci"]],
  ["an option that machine says itself", ["-m", "4G"], ["-m 4G"]],
  ["a stray word", ["disk.img"], ["disk.img"]],
] as const)("a DIMM of QEMU's line is there after %s", async ([, before, ignored]) => {
  const extra = [...before, "-object", "memory-backend-ram,id=m1,size=1G", "-device", "pc-dimm,id=d1,memdev=m1"];
  const trace = await run({ ...board, extra }, [{ op: "read", path: "memory32/state" }]);
  expect(trace.steps[0]?.result).toMatchObject({ errno: 0 });
  expect(words(trace)).toEqual(ignored);
});

test("QEMU makes objects before devices, and what of them is the host's is listed", async () => {
  const extra = ["-device", "pc-dimm,id=d1,memdev=m1", "-object", "memory-backend-ram,id=m1,size=1G,prealloc=on"];
  const trace = await run({ ...board, extra }, [{ op: "read", path: "memory32/state" }]);
  expect(trace.steps[0]?.result).toMatchObject({ errno: 0 });
  expect(words(trace)).toEqual(["prealloc=on"]);
});

test("every DIMM that the kernel does not take at boot is told: its struct pages found no room", async () => {
  const trace = await run({ nodes: { count: 2, memory: "256M" }, dimms: { per_node: 1, size: "12G" } });
  expect(trace.boot_refusals?.map(({ device, refusal: { errno, code } }) => [device, errno, code])).toEqual([
    ["n0d0", "ENOMEM", "no_target_memory"],
    ["n1d0", "ENOMEM", "no_target_memory"],
  ]);
});

test("DIMMs that a kernel has no driver for are told (6.12-arm64: a_coldplug)", async () => {
  const machine = { arch: "arm64", nodes: { count: 1, memory: "2G" }, dimms: { per_node: 2, size: "1G" } };
  const document = { format: "memhp-scenario/1", kernel: "6.12-arm64", machine, steps: [] };
  const { trace } = await runDocument(readDocument(document, "test"));
  expect(trace.boot_refusals?.map(({ device, refusal: { errno, code } }) => [device, errno, code])).toEqual([
    ["n0d0", "ENODEV", "not_built"],
    ["n0d1", "ENODEV", "not_built"],
  ]);
  const served = await runDocument(readDocument({ ...document, kernel: "6.12-arm64-acpimem" }, "test"));
  expect(served.trace).not.toHaveProperty("boot_refusals");
});

test("a machine whose DIMMs all came says nothing of boot", async () => {
  const trace = await run({ nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "1G" } });
  expect(trace).not.toHaveProperty("boot_refusals");
});

test("a word that a kernel is too old for, or was built without, is listed with the reason", async () => {
  const whys = async (kernel: string, cmdline: string, config = {}): Promise<readonly string[]> => {
    const document = readDocument(
      { format: "memhp-scenario/1", kernel, config, machine: { ...board, cmdline }, steps: [] },
      "test",
    );
    return ((await runDocument(document)).trace.ignored ?? []).map(({ word, why }) => `${word}: ${why}`);
  };
  expect(await whys("4.1", "memhp_default_state=online memory_hotplug.online_policy=auto-movable")).toEqual([
    "memhp_default_state=online: 4.1 has no auto_online_blocks",
    "memory_hotplug.online_policy=auto-movable: 4.1 has no parameters of memory_hotplug",
  ]);
  expect(await whys("4.1", "kernelcore=50% movable_node")).toEqual(["kernelcore=50%: this kernel reads a size alone"]);
  expect(await whys("4.1-nomn", "movable_node")).toEqual([
    "movable_node: this kernel was built without CONFIG_MOVABLE_NODE",
  ]);
  expect(await whys("6.12", "hugepages=4", { HUGETLBFS: false })).toEqual([
    "hugepages=4: this kernel was built without CONFIG_HUGETLBFS",
  ]);
  expect(await whys("6.1", "memory_hotplug.memmap_on_memory=force memhp_default_state=movable")).toEqual([
    "memory_hotplug.memmap_on_memory=force: 6.1 takes Y or N",
    "memhp_default_state=movable: expected offline, online, online_kernel, online_movable",
  ]);
  // A value that the kernel's parser refuses leaves the default (kernel/params.c, mm/mm_init.c cmdline_parse_core).
  const bad = "memmap_on_memory=maybe auto_movable_ratio=1K auto_movable_numa_aware=maybe".split(" ");
  expect(await whys("6.12", [...bad.map((word) => `memory_hotplug.${word}`), "kernelcore=half"].join(" "))).toEqual([
    "memory_hotplug.memmap_on_memory=maybe: expected Y, N or force",
    "memory_hotplug.auto_movable_ratio=1K: expected a number of percent",
    "memory_hotplug.auto_movable_numa_aware=maybe: expected Y or N",
    "kernelcore=half: expected a size",
  ]);
  expect(await whys("6.12", "kernelcore=mirror movablecore=50% memory_hotplug.memmap_on_memory=on")).toEqual([]);
  expect(await whys("6.12", "memory_hotplug.memmap_on_memory=FORCE")).toEqual([]);
  // kernel/params.c: a plain bool alone is true; no other parameter is set without a value.
  const alone =
    "memory_hotplug.memmap_on_memory memory_hotplug.auto_movable_numa_aware memory_hotplug.auto_movable_ratio";
  const ratio = "memory_hotplug.auto_movable_ratio: expected a number of percent";
  expect(await whys("6.1", alone)).toEqual([ratio]);
  expect(await whys("6.12", alone)).toEqual(["memory_hotplug.memmap_on_memory: expected Y, N or force", ratio]);
  expect(await whys("6.12", "hugpages=4 quiet")).toEqual(["hugpages=4: memhp does not know this word"]);
});

test("with an image, what the file says of its own machine is listed", async () => {
  const file = { format: "memhp-scenario/1", kernel: "6.1", seed: 3, machine: board, steps: [] };
  const image = boot(parseMachineSpec(board), { kernel: "6.12" });
  const { trace } = await runDocument(readDocument(file, "test"), { image });
  expect(trace.kernel).toBe("6.12");
  expect(trace.ignored?.map(({ where, word }) => [where, word])).toEqual([
    ["kernel", "6.1"],
    ["machine", "memory, slots, maxmem, nodes"],
    ["seed", "3"],
  ]);
});

test("properties of a board that concern memory are listed, others are not", async () => {
  const trace = await run({ ...board, machine: "q35,accel=kvm,max-ram-below-4g=2G" });
  expect(trace.ignored?.map(({ where, word }) => [where, word])).toEqual([["machine.machine", "max-ram-below-4g=2G"]]);
});

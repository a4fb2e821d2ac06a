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
  const cmdline = "numa=fake=2 crashkernel=256M hugepagesz=16M quiet memmap=1G@4G memory_hotplug.no_such=1";
  const trace = await run({ ...board, cmdline });
  expect(words(trace)).toEqual([
    "numa=fake=2",
    "crashkernel=256M",
    "hugepagesz=16M",
    "memmap=1G@4G",
    "memory_hotplug.no_such=1",
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

test("a machine whose DIMMs all came says nothing of boot", async () => {
  const trace = await run({ nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "1G" } });
  expect(trace).not.toHaveProperty("boot_refusals");
});

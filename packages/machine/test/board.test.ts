import { expect, test } from "vitest";
import {
  bootMachine,
  dimmWindow,
  firmwareRam,
  layOutBoard,
  lowMemoryEnd,
  parseBootOptions,
  parseMachineSpec,
} from "../src/index.ts";
import { kernelOf } from "@memhp/kernels";

const GIB = 2 ** 30;
const spec = (raw: object): ReturnType<typeof parseMachineSpec> => parseMachineSpec({ nodes: [], smp: 2, ...raw });

test("pc splits RAM at 3 GiB once there are 3.5 GiB (boot-2n-6g: bffdffff)", () => {
  expect(lowMemoryEnd(spec({ machine: "pc", memory: "6144M" }))).toBe(3 * GIB);
  expect(firmwareRam(spec({ machine: "pc", memory: "6144M" }))).toEqual([
    { start: 0, end: 0x9fc00 },
    { start: 0x100000, end: 0xbffe0000 },
    { start: 0x100000000, end: 0x1c0000000 },
  ]);
});

test("q35 splits RAM at 2 GiB once there are 2.75 GiB (a_boot_64G: 7ffdffff)", () => {
  expect(lowMemoryEnd(spec({ machine: "q35", memory: "64G" }))).toBe(2 * GIB);
  expect(firmwareRam(spec({ machine: "q35", memory: "64G" })).at(-1)).toEqual({
    start: 0x100000000,
    end: 0x1080000000,
  });
});

test("a small machine has its RAM in one piece below its ACPI tables (boot-1n-noncontig: 807dffff)", () => {
  expect(firmwareRam(spec({ machine: "pc", memory: "2056M" })).at(-1)).toEqual({ start: 0x100000, end: 0x807e0000 });
});

test("DIMMs begin at 4 GiB, or above boot memory on a 1 GiB boundary", () => {
  expect(dimmWindow(spec({ machine: "pc", memory: "2G", slots: 4, maxmem: "8G" })).start).toBe(4 * GIB);
  expect(dimmWindow(spec({ machine: "pc", memory: "5G", slots: 4, maxmem: "8G" })).start).toBe(6 * GIB);
});

test("the SRAT names the hot-plug window last, so an empty node in between is unknown (j_absent_node_4)", () => {
  const machine = parseMachineSpec({
    machine: "q35",
    memory: "2G",
    slots: 16,
    maxmem: "64G",
    smp: 2,
    nodes: [
      { nodeid: 0, mem: "1G", cpus: "0" },
      { nodeid: 1, mem: "1G", cpus: "1" },
      { nodeid: 2, mem: null, cpus: "" },
      { nodeid: 3, mem: null, cpus: "" },
    ],
  });
  const board = layOutBoard(kernelOf("6.1"), machine, parseBootOptions(""));
  expect([...board.proximity]).toEqual([
    [0, 0],
    [1, 1],
    [3, 2],
  ]);
  expect(board.possibleNodes).toEqual([0, 1, 2]);
});

test("numa=off puts everything on node 0 (x-numa-off)", () => {
  const machine = parseMachineSpec({
    memory: "2G",
    smp: 2,
    nodes: [
      { nodeid: 0, mem: "1G", cpus: "0" },
      { nodeid: 1, mem: "1G", cpus: "1" },
    ],
  });
  const board = layOutBoard(kernelOf("4.1"), machine, parseBootOptions("numa=off"));
  expect(board.possibleNodes).toEqual([0]);
  expect(board.layout.nodes[0]?.cpus).toEqual([0, 1]);
});

test("4.1 gives the processors of a node without memory to a node that has some (boot-2n-memless); 6.1 leaves them", () => {
  const machine = parseMachineSpec({
    memory: "2G",
    smp: 2,
    slots: 16,
    maxmem: "32G",
    nodes: [
      { nodeid: 0, mem: "2G", cpus: "0" },
      { nodeid: 1, cpus: "1" },
    ],
  });
  const cpus = (kernel: string): unknown =>
    layOutBoard(kernelOf(kernel), machine, parseBootOptions("")).layout.nodes.map((node) => node.cpus);
  expect(cpus("4.1")).toEqual([[0, 1], []]);
  expect(cpus("6.1")).toEqual([[0], [1]]);
});

test("mem= and memmap= take RAM away (x_hidden_below_4g, x_hidden_inside_dma32)", () => {
  const machine = spec({ machine: "pc", memory: "4G" });
  const ram = (cmdline: string): unknown => layOutBoard(kernelOf("6.1"), machine, parseBootOptions(cmdline)).ram;
  expect(ram("mem=2G")).toEqual([
    { start: 0, end: 0x9fc00 },
    { start: 0x100000, end: 0x80000000 },
  ]);
  expect(ram("memmap=256M$1G")).toEqual([
    { start: 0, end: 0x9fc00 },
    { start: 0x100000, end: 0x40000000 },
    { start: 0x50000000, end: 0xbffe0000 },
    { start: 0x100000000, end: 0x140000000 },
  ]);
});

test.each([
  ["arm64", "4.1", 1, "machine.arch: Linux 4.1 has no memory hotplug on arm64 (facts §1.1)"],
  ["s390x", "4.1", 2, "machine.nodes: 2 nodes, s390x has at most 1 (facts §1.2)"],
  ["s390x", "6.12", 3, "machine.nodes: 3 nodes, s390x has at most 2 (facts §1.2)"],
  ["arm64", "6.12", 17, "machine.nodes: 17 nodes, arm64 has at most 16 (facts §1.2)"],
])("%s under %s with %i nodes is no machine", async (arch, kernel, count, message) => {
  const spec = parseMachineSpec({ arch, nodes: { count, memory: "1G" } });
  await expect(bootMachine(spec, { kernel })).rejects.toThrow(message);
});

import { expect, test } from "vitest";
import { deviceWindow, layOutBoard, parseBootOptions, parseMachineSpec } from "../src/index.ts";
import { kernelOf } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";

const GIB = 2 ** 30;
const x86_64 = platformOf("x86_64");
const spec = (raw: object): ReturnType<typeof parseMachineSpec> => parseMachineSpec({ nodes: [], smp: 2, ...raw });

test("DIMMs begin at 4 GiB, or above boot memory on a 1 GiB boundary", () => {
  expect(deviceWindow(x86_64, spec({ machine: "pc", memory: "2G", slots: 4, maxmem: "8G" })).start).toBe(4 * GIB);
  expect(deviceWindow(x86_64, spec({ machine: "pc", memory: "5G", slots: 4, maxmem: "8G" })).start).toBe(6 * GIB);
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
  const board = layOutBoard(kernelOf("6.1"), x86_64, machine, parseBootOptions(""));
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
  const board = layOutBoard(kernelOf("4.1"), x86_64, machine, parseBootOptions("numa=off"));
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
    layOutBoard(kernelOf(kernel), x86_64, machine, parseBootOptions("")).layout.nodes.map((node) => node.cpus);
  expect(cpus("4.1")).toEqual([[0, 1], []]);
  expect(cpus("6.1")).toEqual([[0], [1]]);
});

test("mem= and memmap= take RAM away (x_hidden_below_4g, x_hidden_inside_dma32)", () => {
  const machine = spec({ machine: "pc", memory: "4G" });
  const ram = (cmdline: string): unknown =>
    layOutBoard(kernelOf("6.1"), x86_64, machine, parseBootOptions(cmdline)).ram;
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

test.each(["alpha", "riscv64", "constructor", ""])("arch %j is refused with what is allowed", (arch) => {
  const message = `machine.arch: memhp does not simulate ${JSON.stringify(arch)} (allowed: x86_64, arm64, ppc64, s390x, ia64, sh)`;
  expect(() => parseMachineSpec({ arch, nodes: { count: 1, memory: "1G" } })).toThrow(message);
  expect(() => spec({ arch, memory: "1G" })).toThrow(message);
});

test("a board that the platform has not is refused with those that it has", () => {
  expect(() => spec({ machine: "microvm", memory: "1G" })).toThrow(
    'machine.machine: unknown board "microvm" (known: q35, pc)',
  );
});

test("more nodes than the architecture has are no machine", () => {
  const machine = parseMachineSpec({ nodes: { count: 3, memory: "64M" } });
  const small = { ...x86_64, arch: { ...x86_64.arch, maxNodes: 2 } };
  expect(() => layOutBoard(kernelOf("6.12"), small, machine, parseBootOptions(""))).toThrow(
    "machine.nodes: 3 nodes, x86_64 has at most 2 (facts §1.2)",
  );
});

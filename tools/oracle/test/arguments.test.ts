import { parseMachineSpec } from "@memhp/machine";
import { expect, test } from "vitest";
import { qemuArguments } from "../src/qemu/arguments.ts";

const files = { kernel: "K", initramfs: "I", qmpSocket: "Q", agentSocket: "A", consoleLog: "C" };

/** The values that follow an option. */
function valuesOf(option: string, words: readonly string[]): string[] {
  return words.flatMap((word, i) => (words[i - 1] === option ? [word] : []));
}

const twoNodes = {
  machine: "q35",
  memory: "2G",
  slots: 16,
  maxmem: "64G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
  cmdline: "movable_node",
};

test("a machine of two nodes becomes QEMU's words", () => {
  expect(qemuArguments(parseMachineSpec(twoNodes), files)).toEqual(
    [
      "-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2048M,slots=16,maxmem=65536M",
      "-object memory-backend-ram,id=boot0,size=1024M -numa node,nodeid=0,cpus=0,memdev=boot0",
      "-object memory-backend-ram,id=boot1,size=1024M -numa node,nodeid=1,cpus=1,memdev=boot1",
      "-kernel K -initrd I -append console=ttyS0§panic=-1§movable_node -qmp unix:Q,server=on,wait=off",
      "-chardev file,id=console,path=C -serial chardev:console",
      "-chardev socket,id=agent,path=A,server=on,wait=off -serial chardev:agent",
      "-nodefaults -no-user-config -no-reboot -display none",
    ]
      .join(" ")
      .split(" ")
      .map((word) => word.replaceAll("§", " ")),
  );
});

test("a node without memory has no backend, one with several processors names each", () => {
  const machine = parseMachineSpec({
    ...twoNodes,
    nodes: [
      { nodeid: 0, mem: "2G", cpus: "0-1" },
      { nodeid: 1, mem: null, cpus: "" },
    ],
  });
  expect(valuesOf("-numa", qemuArguments(machine, files))).toEqual([
    "node,nodeid=0,cpus=0,cpus=1,memdev=boot0",
    "node,nodeid=1",
  ]);
});

test("a machine without NUMA names no nodes", () => {
  const words = qemuArguments(parseMachineSpec({ machine: "pc", memory: "2G", slots: 4, maxmem: "8G" }), files);
  expect(valuesOf("-numa", words)).toEqual([]);
  expect(valuesOf("-machine", words)).toEqual(["pc"]);
});

test("a machine that cannot grow has no slots, for QEMU refuses them", () => {
  const words = qemuArguments(parseMachineSpec({ memory: "1G" }), files);
  expect(valuesOf("-m", words)).toEqual(["1024M"]);
});

test("cpu without the hypervisor flag, and a trace's own arguments last", () => {
  const machine = parseMachineSpec({ ...twoNodes, cpu: "max,-hypervisor" });
  const words = qemuArguments(machine, files, ["-device", "pc-dimm,id=d0,memdev=m0"]);
  expect(valuesOf("-cpu", words)).toEqual(["max,-hypervisor"]);
  expect(words.slice(-2)).toEqual(["-device", "pc-dimm,id=d0,memdev=m0"]);
});

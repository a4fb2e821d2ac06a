import { expect, test } from "vitest";
import { qemuArguments } from "../src/qemu/arguments.ts";
import { BoardError, readBoard } from "../src/qemu/board.ts";

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
  expect(qemuArguments(readBoard(twoNodes), files)).toEqual(
    [
      "-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2048M,slots=16,maxmem=65536M",
      "-object memory-backend-ram,id=boot0,size=1024M,reserve=off -numa node,nodeid=0,cpus=0,memdev=boot0",
      "-object memory-backend-ram,id=boot1,size=1024M,reserve=off -numa node,nodeid=1,cpus=1,memdev=boot1",
      "-kernel K -initrd I -append console=ttyS0§panic=-1§agent_tty=/dev/ttyS1§movable_node -qmp unix:Q,server=on,wait=off",
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
  const machine = readBoard({
    ...twoNodes,
    nodes: [
      { nodeid: 0, mem: "2G", cpus: "0-1" },
      { nodeid: 1, mem: null, cpus: "" },
    ],
  });
  expect(valuesOf("-numa", qemuArguments(machine, files))).toEqual([
    "node,nodeid=0,cpus=0-1,memdev=boot0",
    "node,nodeid=1",
  ]);
});

test("a machine without NUMA names no nodes", () => {
  const words = qemuArguments(readBoard({ machine: "pc", memory: "2G", slots: 4, maxmem: "8G" }), files);
  expect(valuesOf("-numa", words)).toEqual([]);
  expect(valuesOf("-machine", words)).toEqual(["pc"]);
});

test("a machine that cannot grow has no slots, for QEMU refuses them", () => {
  const words = qemuArguments(readBoard({ memory: "1G" }), files);
  expect(valuesOf("-m", words)).toEqual(["1024M"]);
});

test("cpu without the hypervisor flag, and a trace's own arguments last", () => {
  const extra = ["-device", "pc-dimm,id=d0,memdev=m0"];
  const words = qemuArguments(readBoard({ ...twoNodes, cpu: "host,-hypervisor", extra }), files);
  expect(valuesOf("-cpu", words)).toEqual(["max,-hypervisor"]);
  expect(words.slice(-2)).toEqual(["-device", "pc-dimm,id=d0,memdev=m0"]);
});

test("each architecture has its program, console and agent's line", () => {
  const lines = ["arm64", "ppc64le", "s390x"].map((arch) => {
    const board = readBoard({ arch, memory: "1G" });
    const words = qemuArguments(board, { ...files, firmware: board.architecture.firmware });
    return [
      board.architecture.program,
      ...["-machine", "-cpu", "-bios", "-append"].map((option) => valuesOf(option, words)[0]),
    ];
  });
  expect(lines).toEqual([
    [
      "qemu-system-aarch64",
      "virt,gic-version=3",
      "cortex-a72",
      "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
      "console=ttyAMA0 panic=-1 agent_tty=/dev/ttyS0",
    ],
    ["qemu-system-ppc64", "pseries", undefined, undefined, "console=hvc0 panic=-1 agent_tty=/dev/hvc1"],
    ["qemu-system-s390x", "s390-ccw-virtio", "max", undefined, "console=ttysclp0 panic=-1 agent_tty=/dev/hvc0"],
  ]);
});

test("distances become QEMU's, one for each pair", () => {
  const board = readBoard({
    ...twoNodes,
    distances: [
      [10, 17],
      [17, 10],
    ],
  });
  expect(valuesOf("-numa", qemuArguments(board, files)).slice(2)).toEqual([
    "dist,src=0,dst=1,val=17",
    "dist,src=1,dst=0,val=17",
  ]);
});

test.for<readonly [machine: unknown, message: string]>([
  [{ arch: "mips", memory: "1G" }, 'machine.arch: "mips" (allowed: x86_64, arm64, ppc64le, s390x)'],
  [{ nodes: { count: 2, memory: "1G" } }, "machine.nodes: expected a list of nodes: the short form is not for QEMU"],
  [{ memory: "1G", dimms: [] }, "machine.dimms: QEMU is not told this"],
  [{ memory: "much" }, 'machine.memory: expected a size such as 2G, found "much"'],
  [{ memory: "1G", smp: 1.5 }, "machine.smp: expected a whole number, found 1.5"],
  [{ memory: "1G", extra: "-s" }, "machine.extra: expected a list of QEMU's words"],
  [{}, "machine.memory: a machine needs memory"],
  [null, "machine: expected an object, found null"],
])("a machine that QEMU cannot be told is refused with its word: %j", ([machine, message]) => {
  expect(() => readBoard(machine)).toThrow(BoardError);
  expect(() => readBoard(machine)).toThrow(message);
});

import { dimm, type DimmSpec } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, parseMachineSpec, SpecError } from "../src/index.ts";

const twoNodes = {
  machine: "q35",
  memory: "2G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ],
};

const coldDimms = (raw: object): DimmSpec["cold"] => (parseMachineSpec(raw).devices[dimm.id] as DimmSpec).cold;

test("QEMU's view gives nodes, processors and sizes in bytes", () => {
  const spec = parseMachineSpec({ ...twoNodes, slots: 16, maxmem: "64G", cmdline: "movable_node" });
  expect(spec).toMatchObject({
    board: "q35",
    memoryBytes: 2 * 2 ** 30,
    slots: 16,
    maxMemoryBytes: 64 * 2 ** 30,
    cmdline: "movable_node",
  });
  expect(spec.nodes.map((node) => [node.id, node.memoryBytes, node.cpus])).toEqual([
    [0, 2 ** 30, [0]],
    [1, 2 ** 30, [1]],
  ]);
});

test("a machine without a board is a pc, as in the 4.1 runs", () => {
  expect(parseMachineSpec({ memory: "2048M", smp: 2, nodes: [] }).board).toBe("pc");
});

test("processors that no node names go to node 0", () => {
  const spec = parseMachineSpec({
    memory: "2G",
    smp: 4,
    nodes: [
      { nodeid: 0, mem: "1G" },
      { nodeid: 1, mem: "1G", cpus: "1" },
    ],
  });
  expect(spec.nodes.map((node) => node.cpus)).toEqual([[0, 2, 3], [1]]);
});

test("a DIMM on the command line is there from the start", () => {
  const extra = ["-object", "memory-backend-ram,id=md0,size=1G", "-device", "pc-dimm,id=d0,memdev=md0,node=1"];
  expect(coldDimms({ ...twoNodes, extra })).toEqual([{ id: "d0", sizeBytes: 2 ** 30, node: 1, memdev: "md0" }]);
});

test("a DIMM on the command line lies where its options put it (n_cold_dimms)", () => {
  const extra = (options: string): string[] => [
    "-object",
    "memory-backend-ram,id=m,size=256M",
    "-device",
    `pc-dimm,id=d,memdev=m,${options}`,
  ];
  const [placed] = coldDimms({ ...twoNodes, extra: extra("addr=0x140000000,slot=2") });
  expect(placed).toMatchObject({ addr: 0x140000000, slot: 2 });
  const [anywhere] = coldDimms({ ...twoNodes, extra: extra("addr=0,slot=-1") });
  expect(anywhere).not.toHaveProperty("addr");
  expect(anywhere).not.toHaveProperty("slot");
  expect(() => parseMachineSpec({ ...twoNodes, extra: extra("addr=high") })).toThrow("addr: expected a whole number");
});

test("the short form lays out nodes alike, each with its DIMMs", () => {
  const spec = parseMachineSpec({
    arch: "x86_64",
    block_size: "128M",
    nodes: { count: 4, memory: "8G" },
    dimms: { per_node: 2, size: "4G" },
  });
  expect(spec.nodes).toHaveLength(4);
  expect(spec.memoryBytes).toBe(32 * 2 ** 30);
  expect((spec.devices[dimm.id] as DimmSpec).cold.map(({ id }) => id)).toEqual([
    "n0d0",
    "n0d1",
    "n1d0",
    "n1d1",
    "n2d0",
    "n2d1",
    "n3d0",
    "n3d1",
  ]);
  expect(spec.blockSizeBytes).toBe(128 * 2 ** 20);
});

const bad: readonly (readonly [string, unknown, RegExp])[] = [
  ["no object", "x", /machine: expected an object/],
  ["a bad size", { ...twoNodes, memory: "2Q" }, /machine\.memory: bad size: "2Q"/],
  ["nodes that do not add up", { ...twoNodes, memory: "3G" }, /machine\.nodes: the nodes' memory adds up to/],
  [
    "a node that comes twice",
    {
      memory: "2G",
      nodes: [
        { nodeid: 0, mem: "1G" },
        { nodeid: 0, mem: "1G" },
      ],
    },
    /nodes\[1\]\.nodeid: there is a node 0 already/,
  ],
  ["an unknown board", { ...twoNodes, machine: "virt" }, /unknown board "virt" \(known: q35, pc\)/],
  ["a node without an id", { memory: "2G", nodes: [{ mem: "2G" }] }, /machine\.nodes\[0\]\.nodeid: missing/],
  ["too little memory", { memory: "1M", nodes: [] }, /at least 64M/],
  ["more slots than QEMU's board", { ...twoNodes, slots: 257 }, /machine\.slots: expected a whole number of 0\.\.256/],
  [
    "more slots than pseries",
    { ...twoNodes, arch: "ppc64", machine: "pseries", slots: 33 },
    /machine\.slots: expected a whole number of 0\.\.32/,
  ],
  [
    "slots of a board that has none, in the short form",
    { arch: "s390x", nodes: { count: 1, memory: "2G" }, slots: 8 },
    /machine\.slots: expected a whole number of 0\.\.0, found 8/,
  ],
  [
    "DIMMs of a board without slots, in the short form",
    { arch: "s390x", nodes: { count: 1, memory: "2G" }, dimms: { per_node: 2, size: "1G" } },
    /machine\.dimms: 2 DIMMs need 2 slots \(allowed: 0, as many as boards of s390x have\)/,
  ],
  [
    "half an LMB on pseries, in the short form",
    { arch: "ppc64", nodes: { count: 2, memory: "1100M" } },
    /machine\.nodes\.memory: expected whole LMBs, a multiple of 256M, found 1100M/,
  ],
  [
    "half an LMB of a node of pseries",
    {
      arch: "ppc64",
      memory: "2G",
      nodes: [
        { nodeid: 0, mem: "1152M" },
        { nodeid: 1, mem: "896M" },
      ],
    },
    /machine\.nodes\[0\]\.mem: expected whole LMBs, a multiple of 256M, found 1152M/,
  ],
  [
    "half an LMB of boot memory on pseries",
    { arch: "ppc64", memory: "1100M", nodes: [] },
    /machine\.memory: expected whole LMBs, a multiple of 256M, found 1100M/,
  ],
  [
    "room for half an LMB on pseries",
    { arch: "ppc64", memory: "1G", maxmem: "1100M", nodes: [] },
    /machine\.maxmem: expected whole LMBs, a multiple of 256M, found 1100M/,
  ],
  ["slots that are no number", { ...twoNodes, slots: "many" }, /machine\.slots: expected a whole number/],
  [
    "a DIMM without its backend",
    { ...twoNodes, extra: ["-device", "pc-dimm,id=d0,memdev=m"] },
    /no memory backend "m"/,
  ],
  [
    "a short form with room for less than its nodes have",
    { nodes: { count: 2, memory: "4G" }, maxmem: "1G" },
    /machine\.maxmem: 1G is less than the boot memory of 8G/,
  ],
  [
    "a DIMM without a size",
    { nodes: { count: 1, memory: "1G" }, dimms: { size: 0 } },
    /machine\.dimms\.size: a DIMM has at least 2M/,
  ],
  // QEMU ends with these words.
  [
    "a backend that two DIMMs have",
    {
      ...twoNodes,
      extra: [
        "-object",
        "memory-backend-ram,id=m,size=1G",
        "-device",
        "pc-dimm,memdev=m,id=a",
        "-device",
        "pc-dimm,memdev=m,id=b",
      ],
    },
    /machine\.extra\[5\]: can't use already busy memdev: m/,
  ],
  [
    "two DIMMs of one name",
    {
      ...twoNodes,
      extra: [1, 2].flatMap((i) => [
        "-object",
        `memory-backend-ram,id=m${i},size=1G`,
        "-device",
        `pc-dimm,memdev=m${i},id=a`,
      ]),
    },
    /machine\.extra\[7\]: Duplicate device ID 'a'/,
  ],
  [
    "two backends of one name",
    { ...twoNodes, extra: [1, 2].flatMap((i) => ["-object", `memory-backend-ram,id=m,size=${i}G`]) },
    /machine\.extra\[3\]: attempt to add duplicate property 'm' to object/,
  ],
  ["a short form without nodes", { nodes: { count: 0, memory: "8G" } }, /at least one node/],
];
for (const [what, raw, message] of bad) {
  test(`${what} is refused with its place`, () => {
    expect(() => parseMachineSpec(raw)).toThrow(SpecError);
    expect(() => parseMachineSpec(raw)).toThrow(message);
  });
}

test("distances are a square of what a SLIT can hold, one row a node", () => {
  expect(parseMachineSpec(twoNodes).distances).toBeUndefined();
  const rows = [
    [10, 31],
    [21, 10],
  ];
  expect(parseMachineSpec({ ...twoNodes, distances: rows }).distances).toEqual(rows);
  const short = { nodes: { count: 2, memory: "1G" } };
  expect(parseMachineSpec({ ...short, distances: rows }).distances).toEqual(rows);
  const fails = (distances: unknown): string => {
    try {
      parseMachineSpec({ ...twoNodes, distances });
    } catch (error) {
      if (error instanceof SpecError) return error.message;
    }
    return "accepted";
  };
  expect(fails([[10, 20]])).toBe("machine.distances: expected one row for each of the 2 nodes");
  expect(fails([[10, 20], [20]])).toBe("machine.distances[1]: expected 2 distances");
  expect(fails([rows[0], [256, 10]])).toBe("machine.distances[1]: expected whole numbers of 10..255, found 256");
  expect(fails([rows[0], ["20", 10]])).toBe('machine.distances[1]: expected whole numbers of 10..255, found "20"');
});

test("without smp a machine has the processors that its nodes name, and with them the nodes", async () => {
  const nodes = [
    { nodeid: 0, mem: "1G", cpus: "0-3" },
    { nodeid: 1, cpus: "4-7" },
  ];
  expect(parseMachineSpec({ memory: "1G", nodes }).cpus).toBe(8);
  const machine = await bootMachine(parseMachineSpec({ memory: "1G", nodes }), { kernel: "6.12" });
  expect(machine.files.read("/sys/devices/system/node/possible")).toMatchObject({ value: "0-1\n" });
  await machine.close();
});

test("a name of firmware that changes nothing is said to", () => {
  const ignored = (machine: object): unknown => parseMachineSpec({ memory: "1G", ...machine }).ignored;
  expect(ignored({ firmware: "OVMF" })).toEqual([
    { where: "machine.firmware", word: "OVMF", why: "memhp has one firmware for the boards of x86_64" },
  ]);
  expect(ignored({ arch: "arm64", firmware: "UEFI 2022.11" })).toBeUndefined();
  expect(ignored({ arch: "arm64", firmware: "UEFI 2024.05" })).toEqual([
    {
      where: "machine.firmware",
      word: "UEFI 2024.05",
      why: "memhp knows no such build: the machine has that of 2025.02",
    },
  ]);
});

import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/index.ts";
import { any, block, dimm, done, guest, load, read, runSteps, says, type Situation, write } from "./situation.ts";

const NODE = "/sys/devices/system/node";
const POOL_1G = "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages";
const CPU = "/sys/devices/system/cpu";

/** Machines and their files, where a tool or a person expected something else. */
const situations: readonly Situation[] = [
  [
    "nodes with processors and no memory: all of it lies on node 0",
    "6.1",
    {
      memory: "4G",
      smp: 4,
      slots: 0,
      nodes: [{ nodeid: 0, mem: "4G", cpus: "0" }, ...[1, 2, 3].map((nodeid) => ({ nodeid, cpus: `${nodeid}` }))],
      distances: [
        [10, 16, 16, 16],
        [16, 10, 16, 16],
        [16, 16, 10, 16],
        [16, 16, 16, 10],
      ],
    },
    [read(`${NODE}/online`), read(`${NODE}/has_memory`), read(`${NODE}/node1/distance`), read(`${NODE}/node3/cpulist`)],
    [says("0-3"), says("0"), says("16 10 16 16"), says("3")],
  ],
  [
    "a POWER guest has no DMA zone: Normal, and Movable for what is added",
    "6.12-ppc64el",
    { ...guest, arch: "ppc64", memory: "4G", cmdline: "memhp_default_state=offline" },
    [
      read("block_size_bytes"),
      read("memory0/valid_zones"),
      dimm("d", "512M"),
      block("${d.first}", "offline"),
      block("${d.last}", "offline"),
      block("${d.last}", "online_movable"),
      read("memory${d.last}/valid_zones"),
    ],
    [says("10000000"), says("Normal"), any, any, any, done, says("Movable")],
  ],
  [
    "a guest of s390x has DMA below 2G and Normal above",
    "7.2-s390x",
    { arch: "s390x", memory: "4G", smp: 1, nodes: [] },
    [0, 15, 16, 31].map((block) => read(`memory${block}/valid_zones`)),
    [says("DMA"), says("DMA"), says("Normal"), says("Normal")],
  ],
  [
    "node0/memory* of 6.12 meets more than blocks",
    "6.12",
    guest,
    [{ op: "tree", path: `${NODE}/node0`, depth: 0 }],
    [{ result: { [`${NODE}/node0/memory_failure`]: ["755"], [`${NODE}/node0/memory0`]: ["../../memory/memory0"] } }],
  ],
  [
    "crash_hotplug of 6.12: nobody loaded an image for a crash, so that a udev rule reloads kdump",
    "6.12",
    guest,
    [read("crash_hotplug"), read(`${CPU}/crash_hotplug`)],
    [says("0"), says("0")],
  ],
  [
    "6.1 has no crash_hotplug",
    "6.1",
    guest,
    [read("crash_hotplug"), read(`${CPU}/crash_hotplug`)],
    [{ result: { errno: "ENOENT" } }, { result: { errno: "ENOENT" } }],
  ],
  [
    "firmware numbers nodes with gaps; Linux numbers them as it meets them",
    "6.1",
    {
      ...guest,
      nodes: [
        { nodeid: 0, mem: "1G", cpus: "0" },
        { nodeid: 8, mem: "1G", cpus: "1" },
      ],
    },
    [read(`${NODE}/online`), read(`${NODE}/node1/cpulist`)],
    [says("0-1"), says("1")],
  ],
  [
    "numa=fake=2: nodes where the firmware has none",
    "6.1",
    { ...guest, memory: "4G", cmdline: "numa=fake=2 memhp_default_state=offline" },
    [read(`${NODE}/online`)],
    [says("0-1")],
  ],
  [
    "hugepages of 1G that boot sets aside are there",
    "6.1",
    { ...guest, memory: "8G", maxmem: "16G", cmdline: "hugepagesz=1G hugepages=2" },
    [read(`${NODE}/node0/hugepages/hugepages-1048576kB/nr_hugepages`)],
    [says("2")],
  ],
  [
    "hugepages of 1G after a hot-add: found in Normal, whole and aligned; not in Movable, where they would have to move",
    "6.1",
    { ...guest, cpu: "max", cmdline: "memhp_default_state=online" },
    [
      dimm("d", "2G"),
      write(POOL_1G, "2\n"),
      read(POOL_1G),
      write(POOL_1G, "0\n"),
      { op: "offline", blocks: "dimm:d" },
      { op: "online", blocks: "dimm:d", type: "movable" },
      write(POOL_1G, "2\n"),
      read(POOL_1G),
    ],
    // One block of Normal has the kernel in it by then.
    [any, done, says("2"), done, { result: { offlined: 15 } }, { result: { onlined: 15 } }, done, says("0")],
  ],
  [
    "a processor without pages of 1G has no such pool",
    "6.1",
    guest,
    [read(POOL_1G)],
    [{ result: { errno: "ENOENT" } }],
  ],
  [
    "a program wants hugepages and nobody filled the pool: no memory that comes online would help",
    "6.1",
    guest,
    [load("h", "hugetlb", "64M")],
    [
      {
        refusal: {
          errno: "ENOMEM",
          remedy: [
            "write the number of hugepages to /proc/sys/vm/nr_hugepages, or to nr_hugepages of the node",
            "end another load of hugepages",
          ],
        },
      },
    ],
  ],
];

test.for(situations)("%s", async ([, kernel, machine, steps, answers]) => {
  expect(await runSteps(kernel, machine, steps)).toMatchObject(answers);
});

test("node0/memory* of 6.1 meets blocks alone", async () => {
  const [step] = await runSteps("6.1", guest, [{ op: "tree", path: `${NODE}/node0`, depth: 0 }]);
  const names = Object.keys(step?.result as object).filter((path) => path.startsWith(`${NODE}/node0/memory`));
  expect(names).toHaveLength(16);
});

/** What memhp has not, is refused with its place. */
describe("refused", () => {
  const refusals: readonly (readonly [what: string, kernel: string, machine: object, message: RegExp])[] = [
    [
      "a z/VM guest",
      "6.1",
      { arch: "s390x", nodes: { count: 1, memory: "2G" } },
      /kernel: unknown kernel "6\.1" for s390x \(known: 7\.2 \(s390x\)\)/,
    ],
    [
      "an Alpha",
      "6.1",
      { ...guest, arch: "alpha" },
      /machine\.arch: .*"alpha" \(allowed: x86_64, arm64, ppc64, s390x, ia64, sh\)/,
    ],
    ["ppc64 on 6.1", "6.1", { ...guest, arch: "ppc64" }, /kernel: unknown kernel "6\.1" for ppc64 \(known: /],
    ["arm64 on 6.1", "6.1", { ...guest, arch: "arm64" }, /kernel: unknown kernel "6\.1" for arm64 \(known: /],
  ];
  test.for(refusals)("%s", ([, kernel, machine, message]) => {
    const raw = { format: "memhp-scenario/1", name: "test", kernel, machine, steps: [] };
    expect(() => readDocument(raw, "test")).toThrow(message);
  });
});

test("a flag of QEMU without a value hides no DIMM behind it, and is listed as ignored", async () => {
  const extra = ["-nodefaults", "-object", "memory-backend-ram,id=m,size=1G", "-device", "pc-dimm,id=d,memdev=m"];
  const raw = { format: "memhp-scenario/1", name: "test", kernel: "6.1", machine: { ...guest, extra }, steps: [] };
  expect(readDocument(raw, "test").machine.ignored).toMatchObject([{ where: "machine.extra[0]", word: "-nodefaults" }]);
  expect(await runSteps("6.1", { ...guest, extra }, [read("memory32/state")])).toMatchObject([done]);
});

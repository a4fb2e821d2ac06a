import { expect, test } from "vitest";
import { readDocument, runDocument, type TraceStep } from "../src/index.ts";

type Steps = readonly object[];

async function run(kernel: string, machine: object, steps: Steps): Promise<readonly TraceStep[]> {
  const document = readDocument({ format: "memhp-scenario/1", name: "test", kernel, machine, steps }, "test");
  return (await runDocument(document)).trace.steps;
}

const read = (path: string): object => ({ op: "read", path });
const memlog = (data: string): object => ({ op: "memlog", data });
const dimm = (id: string, size: string): object => ({ op: "dimm_add", id, size });
const board = { memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
const says = (data: string): object => ({ result: { data: `${data}\n` } });
const refuses = (errno: string): object => ({ refusal: { errno } });

/** What people met and reported: the machine, what was done, and what the last steps answered. */
const reports: readonly (readonly [what: string, kernel: string, machine: object, steps: Steps, answers: Steps])[] = [
  [
    "4.1: a block added behind another takes its right to become Movable",
    "4.1",
    board,
    [
      { op: "probe", addr: "0x100000000" },
      read("memory32/valid_zones"),
      { op: "probe", addr: "0x108000000" },
      read("memory32/valid_zones"),
    ],
    [{}, says("Normal Movable"), {}, says("Normal")],
  ],
  [
    "64G and a DIMM of 2G that ends on 1G: blocks of 1G, so that the DIMM fits",
    "6.1",
    { machine: "pc", memory: "64G", smp: 2, slots: 2, maxmem: "66G", nodes: [] },
    [read("block_size_bytes"), dimm("d", "2G"), read("memory65/state")],
    [says("40000000"), {}, { result: { errno: 0 } }],
  ],
  [
    "a DIMM of 2M in front moves the next one off its alignment",
    "6.1",
    board,
    [memlog("add 0 100200000 40000000")],
    [refuses("EINVAL")],
  ],
  [
    "a balloon that adds 128M where a block is 256M",
    "6.1",
    { memory: "8G", smp: 2, slots: 4, maxmem: "32G", nodes: [], block_size: "256M" },
    [memlog("add 0 310000000 8000000"), memlog("add 0 310000000 10000000")],
    [refuses("EINVAL"), { result: { errno: 0 } }],
  ],
  [
    "a driver that unloads while its memory is online cannot take it along",
    "6.1",
    { ...board, memory: "4G", maxmem: "16G", cmdline: "memhp_default_state=online_movable" },
    [
      memlog("adddrv 0 150000000 10000000"),
      memlog("remove 0 150000000 10000000"),
      { op: "offline", blocks: "42-43" },
      memlog("remove 0 150000000 10000000"),
    ],
    [
      {},
      {
        ...refuses("EBUSY"),
        kernel_log: ["removing memory fails, because memory [0x0000000150000000-0x0000000157ffffff] is onlined"],
      },
      { result: { offlined: 2 } },
      { result: { errno: 0 } },
    ],
  ],
  [
    "nodes with processors and no memory",
    "6.1",
    {
      memory: "4G",
      smp: 2,
      slots: 0,
      nodes: [
        { nodeid: 0, mem: "4G", cpus: "0" },
        { nodeid: 1, cpus: "1" },
      ],
    },
    [read("/sys/devices/system/node/online"), read("/sys/devices/system/node/has_memory")],
    [says("0-1"), says("0")],
  ],
];

test.for(reports)("%s", async ([, kernel, machine, steps, answers]) => {
  expect(await run(kernel, machine, steps)).toMatchObject(answers);
});

import { expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import { readDocument, runDocument, type TraceStep } from "../src/index.ts";

const MIB = 2 ** 20;
const machine = {
  memory: "512M",
  maxmem: "2G",
  slots: 2,
  nodes: [
    { nodeid: 0, mem: "256M", cpus: "0" },
    { nodeid: 1, mem: "256M" },
  ],
  extra: ["-device", "virtio-balloon-pci"],
};

const look = { op: "read", path: "/proc/meminfo" };
const keep = (mib: number): object => ({ op: "qmp", cmd: "balloon", args: { value: mib * MIB } });
/** Told by each door, grown and shrunk, filled until nothing is free, and looked at as soon as the step has answered. */
const steps = [
  keep(384),
  { op: "insmod", mod: "virtio_balloon" },
  look,
  keep(320),
  look,
  { op: "balloon", size: "448M", wait: 0 },
  look,
  { op: "load", id: "db", kind: "anon", size: "64M" },
  keep(1),
  look,
  { op: "dimm_add", id: "d0", size: "128M", node: 1 },
  { op: "balloon", size: "1M", wait: 1 },
  look,
  keep(640),
];

const totalKb = (step: TraceStep | undefined): number =>
  Number(/MemTotal: +(\d+)/.exec(JSON.stringify(step?.result))?.[1]);

const kernels = ["4.1", "4.1-nomn", "5.10", "6.1", "6.12", "7.3"];

test.for(kernels)("%s: a balloon is as full with 2 workers as with none, whenever it is looked at", async (kernel) => {
  const document = readDocument({ format: "memhp-scenario/1", name: "balloon", kernel, machine, steps }, "test");
  const here = await runDocument(document, {});
  const there = await runDocument(document, { workers: 2, workerFactory });
  expect(JSON.stringify(there.trace)).toBe(JSON.stringify(here.trace));
  // What is in the balloon is the guest's no more: 128 MiB, then 192, then 64.
  const totals = [2, 4, 6].map((at) => totalKb(here.trace.steps[at]) / 1024);
  const [first = 0, grown = 0, shrunk = 0] = totals;
  const gaps = [first - grown, shrunk - first];
  expect(gaps).toEqual([64, 64]);
});

import { describe, expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import { readDocument, runDocument, type TraceStep } from "../src/index.ts";

const oneNode = { memory: "1G", slots: 4, maxmem: "8G", nodes: [] };
const autoMovable = { ...oneNode, cmdline: "memhp_default_state=online_movable" };

interface Run {
  readonly name: string;
  readonly kernel: string;
  readonly machine?: object;
  readonly steps: readonly object[];
}

const looks: Run = {
  name: "looks at the machine",
  kernel: "6.12",
  machine: autoMovable,
  steps: [
    { op: "dimm_add", id: "d0", size: "256M" },
    { op: "dimm_del", id: "d0", wait: 0 },
    { op: "state" },
    { op: "state" },
  ],
};

/** Steps that go on after an eject has not ended with its own step. */
const runs: readonly Run[] = [
  looks,
  {
    name: "an offline of everything",
    kernel: "6.12",
    steps: [
      { op: "dimm_add", id: "d0", size: "128M" },
      { op: "dimm_del", id: "d0", wait: 0 },
      { op: "offline", blocks: "online" },
    ],
  },
  {
    name: "a DIMM that a pinned load keeps, then an offline of everything",
    kernel: "6.12",
    machine: autoMovable,
    steps: [
      { op: "dimm_add", id: "d0", size: "256M" },
      { op: "load", id: "nic", kind: "pinned", pin: "short", size: "900M" },
      { op: "dimm_del", id: "d0" },
      { op: "offline", blocks: "all" },
    ],
  },
  {
    name: "a write to a block",
    kernel: "4.1",
    steps: [
      { op: "dimm_add", id: "d0", size: "128M" },
      { op: "dimm_del", id: "d0", wait: 0 },
      { op: "block", n: 1, v: "offline" },
    ],
  },
  {
    name: "two writes in the background, one of them killed",
    kernel: "6.1",
    machine: autoMovable,
    steps: [
      { op: "dimm_add", id: "d0", size: "256M" },
      { op: "dimm_add", id: "d1", size: "512M" },
      { op: "load", id: "cache", kind: "shm", size: "300M", churn: 1 },
      { op: "block", n: "${d0.1}", v: "offline", background: "b1" },
      { op: "load", id: "nic", kind: "pinned", size: "300M" },
      { op: "block", n: "${d1.last}", v: "offline", background: "b2" },
      { op: "dimm_del", id: "d1", wait: 60 },
      { op: "signal", to: "b2" },
      { op: "read", path: "/proc/zoneinfo" },
    ],
  },
  {
    name: "hot add, a wait and a cold DIMM's second eject",
    kernel: "4.1",
    machine: {
      ...oneNode,
      extra: ["-object", "memory-backend-ram,id=mem-k0,size=128M", "-device", "pc-dimm,id=k0,memdev=mem-k0,node=0"],
    },
    steps: [
      { op: "online", blocks: "dimm:k0", type: "movable" },
      { op: "dimm_del", id: "k0", wait: 0 },
      { op: "dimm_add", id: "d0", size: "128M" },
      { op: "wait", ms: 1 },
      { op: "dimm_del", id: "k0" },
      { op: "offline", blocks: "normal" },
    ],
  },
];

async function run({ kernel, machine = oneNode, steps }: Run, workers: number) {
  const document = readDocument({ format: "memhp-scenario/1", name: "test", kernel, machine, steps }, "test");
  return (await runDocument(document, { workers, workerFactory })).trace;
}

describe("after an eject that has not ended", () => {
  test.for(runs)("$name: ends, with the same bytes for 0 and 3 workers", async (each) => {
    expect(JSON.stringify(await run(each, 3))).toBe(JSON.stringify(await run(each, 0)));
  });

  test("the eject goes on in the time of the steps that follow, and its DIMM leaves in one of them", async () => {
    const { steps } = await run(looks, 0);
    const leaves = (step: TraceStep | undefined): boolean => JSON.stringify(step ?? {}).includes("DEVICE_DELETED");
    expect(steps.map(leaves)).toEqual([false, true, false, false]);
  });
});

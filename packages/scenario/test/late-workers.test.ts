import { type Machine, type WorkerFactory } from "@memhp/machine";
import { expect, test } from "vitest";
import { parseDocument, runDocument, type RunOptions } from "../src/index.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

const head = {
  format: "memhp-scenario/1",
  name: "late workers",
  machine: { block_size: "128M", nodes: { count: 4, memory: "1G" }, dimms: { per_node: 1, size: "1G" } },
};
const idle = [
  { op: "online", blocks: "offline", type: "movable" },
  { op: "inject", action: "MEM_GOING_OFFLINE", errno: "ENOMEM" },
  { op: "offline", blocks: "node:2&movable" },
  { op: "inject", action: "MEM_GOING_OFFLINE", errno: 0 },
  { op: "offline", blocks: "node:3&movable" },
  { op: "online", blocks: "offline", type: "online" },
];
const used = [
  { op: "load", id: "db", kind: "anon", size: "900M", node: 1 },
  { op: "load", id: "held", kind: "pinned", size: "4M", node: 2 },
  { op: "offline", blocks: "movable", background: "all" },
  { op: "load", id: "late", kind: "anon", size: "64M", node: 0 },
  { op: "wait", ms: 200_000 },
  { op: "unload", id: "db" },
  { op: "offline", blocks: "movable" },
  { op: "online", blocks: "offline" },
];

async function run(
  kernel: string,
  steps: readonly object[],
  options: RunOptions,
): Promise<{ trace: string; workers: number }> {
  let workers = 0;
  const workerFactory: WorkerFactory = (index) => {
    workers++;
    return keptWorkers(index);
  };
  const document = parseDocument(JSON.stringify({ ...head, kernel, steps }), "late.json");
  const { trace } = await runDocument(document, { ...options, workerFactory });
  return { trace: JSON.stringify(trace), workers };
}

test.for(["4.1", "6.12"])(
  "%s: workers that begin when memory is used come to what nobody's and everybody's do",
  async (kernel) => {
    const steps = [...idle, ...used];
    const late = await run(kernel, steps, { workers: 3, lateWorkers: true });
    expect(late.workers).toBe(3);
    for (const options of [{ workers: 0 }, { workers: 3 }])
      expect((await run(kernel, steps, options)).trace).toBe(late.trace);
  },
);

test("where nobody uses memory no worker begins", async () => {
  const late = await run("6.12", idle, { workers: 2, lateWorkers: true });
  expect(late).toEqual({ workers: 0, trace: (await run("6.12", idle, { workers: 2 })).trace });
});

test("memory that is first used while blocks are on their way stays in this thread until they have arrived", async () => {
  const steps = [
    { op: "online", blocks: "offline", type: "movable" },
    { op: "slow_migration", us_per_page: 1000 },
    { op: "offline", blocks: "movable", background: "all" },
    { op: "load", id: "a", kind: "anon", size: "64M", node: 0 },
    { op: "wait", ms: 1000 },
    { op: "load", id: "b", kind: "anon", size: "64M", node: 0 },
  ];
  const late = await run("6.12", steps, { workers: 2, lateWorkers: true });
  expect((await run("6.12", steps, { workers: 0 })).trace).toBe(late.trace);
});

test("callbacks of the host program are on the chain of late workers too, in their order", async () => {
  const called = async (options: RunOptions): Promise<string[]> => {
    const calls: string[] = [];
    let machine: Machine | undefined;
    const document = parseDocument(JSON.stringify({ ...head, kernel: "6.12", steps: [...idle, ...used] }), "late.json");
    await runDocument(document, {
      ...options,
      workerFactory: keptWorkers,
      onMachine: (booted) => (machine = booted),
      async onStep(_step, index) {
        if (index !== 1) return;
        for (const name of ["one", "two"])
          await machine?.registerNotifier(name, 0, (action, { startPfn }) => {
            calls.push(`${name} ${action} ${startPfn}`);
            return 1;
          });
      },
    });
    return calls;
  };
  const late = await called({ workers: 2, lateWorkers: true });
  expect(late.length).toBeGreaterThan(100);
  expect(late.toSorted()).toEqual((await called({ workers: 2 })).toSorted());
});

import { Worker } from "node:worker_threads";
import type { TargetServer } from "@memhp/shards";
import { nodeEndpoint } from "@memhp/shards/node";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec, snapshot, type WorkerFactory, WorkerGone } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { keptWorkers } from "../../../tools/conformance/src/kept-workers.ts";

/** Four nodes at distances of their own, with a DIMM on each. */
const spec = parseMachineSpec({
  nodes: { count: 4, memory: "1G" },
  dimms: { per_node: 1, size: "1G" },
  distances: [
    [10, 20, 40, 30],
    [20, 10, 30, 40],
    [40, 30, 10, 20],
    [30, 40, 20, 10],
  ],
});

/** Loads of each node, so that no block is of one owner and nodes overflow to others; one of them that counters cannot plan. */
const loads = [
  ["a", "anon", 500, 0],
  ["b", "file", 300, 1],
  ["c", "anon", 900, 1],
  ["huge", "thp", 64, 2],
  ["d", "mlock", 700, 2],
  ["e", "anon", 333, 3],
] as const;

/** How often the machine, not the shards, served requests for targets. */
function counted(server: TargetServer, served: { rounds: number }): TargetServer {
  return {
    plan(targetRequests, freePages) {
      served.rounds++;
      return server.plan(targetRequests, freePages);
    },
    serve: (targetRequests, work) => server.serve(targetRequests, work),
  };
}

/** All DIMM blocks go offline, twice, the second time with pages of the first in the nodes' boot memory. */
async function emptied(workers: number): Promise<{ readonly seen: unknown; readonly served: number }> {
  const machine: Machine = await bootMachine(spec, { kernel: "6.12", workers, workerFactory: keptWorkers });
  const served = { rounds: 0 };
  internalsOf(machine).shards.targetServer = counted(internalsOf(machine).shards.targetServer as TargetServer, served);
  const heard: string[] = [];
  machine.listen((event) => heard.push(JSON.stringify(event)));
  const blocks = [...machine.map.blocks.ids()].filter((block) => machine.map.blocks.group(block) >= 0);
  const results: unknown[] = [];
  for (const more of [loads, loads.slice(0, 2).map(([id, ...rest]) => [`${id}2`, ...rest] as const)]) {
    await machine.bulk("online", blocks, "movable");
    for (const [id, kind, mib, node] of more)
      await machine.pages.loads.start({
        id,
        kind,
        sizeBytes: mib * 2 ** 20,
        policy: { mode: "prefer", nodes: [node] },
      });
    results.push(await machine.bulk("offline", blocks, "online", { signalAtNs: machine.nowNs + 60_000_000_000 }));
  }
  const seen = {
    heard,
    results,
    image: await snapshot(machine),
    pages: [...internalsOf(machine).shards.pages],
    now: machine.nowNs,
  };
  await machine.close();
  return { seen, served: served.rounds };
}

test("shards that plan their rounds in shared memory come to what one thread comes to, and the machine serves few of them", async () => {
  const alone = await emptied(0);
  const three = await emptied(3);
  expect(three.seen).toEqual(alone.seen);
  expect(alone.served).toBeGreaterThan(10);
  expect(three.served).toBeLessThan(alone.served / 3);
});

test("a shard that is killed lets go those that wait for it; the work under way fails and nothing hangs", async () => {
  const threads: Worker[] = [];
  const workerFactory: WorkerFactory = () => {
    const worker = new Worker(new URL(import.meta.resolve("@memhp/machine/worker")));
    threads.push(worker);
    return {
      endpoint: nodeEndpoint(worker),
      sharesMemory: true,
      onGone: (callback) => worker.once("exit", (code) => callback(new Error(`it exited with code ${code}`))),
      terminate: async () => void (await worker.terminate()),
    };
  };
  const machine = await bootMachine(spec, { kernel: "6.12", workers: 2, workerFactory });
  const blocks = [...machine.map.blocks.ids()].filter((block) => machine.map.blocks.group(block) >= 0);
  await machine.bulk("online", blocks, "movable");
  await machine.pages.loads.start({ id: "a", kind: "anon", sizeBytes: 3 * 2 ** 30 });
  const pending = machine.bulk("offline", blocks);
  await threads[1]?.terminate();
  await expect(pending).rejects.toThrow(WorkerGone);
  await machine.close();
});

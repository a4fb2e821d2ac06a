import { dimmsOf } from "@memhp/devices";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec, type WorkerFactory, WorkerGone } from "../src/index.ts";
import { nodeEndpoint } from "@memhp/shards/node";
import { workerThreads } from "../src/node/index.ts";

const spec = parseMachineSpec({
  machine: "q35",
  memory: "4G",
  slots: 16,
  maxmem: "64G",
  smp: 4,
  nodes: [0, 1, 2, 3].map((nodeid) => ({ nodeid, mem: "1G", cpus: String(nodeid) })),
});

/** The ordinary workers, kept so that a test can end one. */
function watchedWorkers(): { factory: WorkerFactory; threads: Worker[] } {
  const threads: Worker[] = [];
  const factory: WorkerFactory = () => {
    const worker = new Worker(new URL(import.meta.resolve("@memhp/machine/worker")));
    threads.push(worker);
    return {
      endpoint: nodeEndpoint(worker),
      onGone(callback) {
        worker.once("error", (error) => callback(error as Error));
        worker.once("exit", (code) => callback(new Error(`it exited with code ${code}`)));
      },
      terminate: async () => {
        await worker.terminate();
      },
    };
  };
  return { factory, threads };
}

async function boot(workers: number, workerFactory: WorkerFactory = workerThreads()): Promise<Machine> {
  const machine = await bootMachine(spec, { kernelBlocks: [], kernel: "6.12", workers, workerFactory });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m", sizeBytes: 2 ** 30, node: 3 });
  return machine;
}

test("errno and cause survive the crossing to a worker", async () => {
  const machine = await boot(4);
  const answer = await machine.files.write("/sys/devices/system/memory/memory0/state", "offline");
  expect(answer).toMatchObject({ ret: -1, errno: "EINVAL", refusal: { code: "mixed_zones", block: 0, retry: "no" } });
  await machine.close();
});

test("a callback of the host program is asked from a worker", async () => {
  const machine = await boot(2);
  const asked: string[] = [];
  await machine.registerNotifier("host", 5, (action) => {
    asked.push(action);
    return action === "MEM_GOING_OFFLINE" ? 0x8011 : 1;
  });
  expect(await machine.offline(41)).toMatchObject({ ok: false, refusal: { errno: "EBUSY", code: "notifier_veto" } });
  expect(asked).toEqual(["MEM_GOING_OFFLINE", "MEM_CANCEL_OFFLINE"]);
  await machine.close();
});

test("a worker that is killed fails the work under way and all that follows; nothing hangs", async () => {
  const { factory, threads } = watchedWorkers();
  const machine = await boot(4, factory);
  const pending = machine.bulk("offline", [40, 41, 42]);
  await threads[3]?.terminate();
  await expect(pending).rejects.toThrow(WorkerGone);
  await expect(machine.online(40, "online")).rejects.toThrow(/the worker with node 3 is gone/);
  await machine.close();
});

test("a worker that throws is named with its reason", async () => {
  const script = "setTimeout(() => { throw new Error('out of luck'); }, 50);";
  const factory: WorkerFactory = () => {
    const worker = new Worker(script, { eval: true });
    return {
      endpoint: nodeEndpoint(worker),
      onGone: (callback) => worker.once("error", (error) => callback(error as Error)),
      terminate: () => void worker.terminate(),
    };
  };
  await expect(
    bootMachine(spec, { kernelBlocks: [], kernel: "6.1", workers: 1, workerFactory: factory }),
  ).rejects.toThrow(/is gone: out of luck/);
});

test("a worker that exits before it answers fails the boot", async () => {
  const factory: WorkerFactory = () => {
    const worker = new Worker("process.exit(3)", { eval: true });
    return {
      endpoint: nodeEndpoint(worker),
      onGone: (callback) => worker.once("exit", (code) => callback(new Error(`it exited with code ${code}`))),
      terminate: () => void worker.terminate(),
    };
  };
  await expect(
    bootMachine(spec, { kernelBlocks: [], kernel: "6.1", workers: 2, workerFactory: factory }),
  ).rejects.toThrow(/is gone: it exited with code 3/);
});

test("a worker that runs out of memory fails the run with a clear error", async () => {
  const factory: WorkerFactory = () => {
    const worker = new Worker(
      "const all = []; setInterval(() => { for (let i = 0; i < 1e5; i++) all.push({ i }); }, 0)",
      {
        eval: true,
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      },
    );
    return {
      endpoint: nodeEndpoint(worker),
      onGone: (callback) => worker.once("error", (error) => callback(error as Error)),
      terminate: () => void worker.terminate(),
    };
  };
  await expect(
    bootMachine(spec, { kernelBlocks: [], kernel: "6.1", workers: 1, workerFactory: factory }),
  ).rejects.toThrow(/memory limit/i);
});

test("workers without a factory are a caller's mistake, said at once", async () => {
  await expect(bootMachine(spec, { kernelBlocks: [], kernel: "6.1", workers: 2 })).rejects.toThrow(/worker factory/);
});

import { dimmsOf } from "@memhp/devices";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { bootMachine, parseMachineSpec, type WorkerFactory, WorkerGone } from "../src/index.ts";
import { FIRST, GIB, MIB, onNode, SECOND } from "./lab.ts";

/** Ways in which a worker ends, as what it runs when a message comes that tells it to. */
const deaths: Readonly<Record<string, { readonly script: string; readonly reason: RegExp }>> = {
  "exit 0": { script: "process.exit(0)", reason: /it exited with code 0$/ },
  "exit 7": { script: "process.exit(7)", reason: /it exited with code 7$/ },
  throw: { script: "setImmediate(() => { throw new Error('out of luck'); })", reason: /out of luck$/ },
  reject: { script: "Promise.reject(new Error('nobody asked'))", reason: /nobody asked$/ },
  memory: { script: "const all = []; for (;;) all.push(new Array(1e5).fill({}))", reason: /memory limit/ },
};

/** The ordinary worker, which dies instead of hearing its n-th message. */
function dyingWorker(script: string, n: number): WorkerFactory {
  const source = `
    const { parentPort } = require("node:worker_threads");
    const on = parentPort.on.bind(parentPort);
    let heard = 0;
    parentPort.on = (name, listener) => on(name, (data) => { if (++heard === ${n}) { ${script} } else listener(data); });
    import(${JSON.stringify(import.meta.resolve("@memhp/shards/worker"))});`;
  return () => {
    const worker = new Worker(source, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 64 } });
    return {
      endpoint: {
        postMessage: (message: unknown, transfer?: Transferable[]) =>
          worker.postMessage(message, (transfer ?? []) as []),
        addEventListener: (_: string, listener: unknown) =>
          void worker.on("message", (data) => (listener as (event: object) => void)({ data })),
        removeEventListener() {},
      },
      onGone(callback) {
        worker.once("error", (error) => callback(error as Error));
        worker.once("exit", (code) => callback(new Error(`it exited with code ${code}`)));
      },
      terminate: async () => void (await worker.terminate()),
    };
  };
}

const spec = parseMachineSpec({
  memory: "1G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: [0, 1].map((nodeid) => ({ nodeid, mem: "512M", cpus: String(nodeid) })),
  cmdline: "memhp_default_state=offline",
});

/** An offline that never ends, a writer who waits behind it, a load; and then time passes. @returns every error that somebody got. */
async function errorsOf(factory: WorkerFactory): Promise<unknown[]> {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  const machine = await bootMachine(spec, { kernel: "6.1", kernelBlocks: [], workers: 1, workerFactory: factory });
  const write = (block: number, word: string): Promise<unknown> =>
    machine.write(`/sys/devices/system/memory/memory${block}/state`, word, { signalAtNs: Number.POSITIVE_INFINITY });
  let waiting: Promise<unknown>[] = [];
  try {
    await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: GIB / 4, node: 0 });
    await write(FIRST, "online_movable");
    await machine.pages.loads.start({ id: "db", kind: "pinned", pin: "short", sizeBytes: 16 * MIB, policy: onNode(0) });
    machine.holdTime();
    waiting = [write(FIRST, "offline"), write(FIRST + 1, "online")].map((each) => each.catch(note));
    for (let i = 0; i < 20; i++) {
      await machine.wait(SECOND);
      await machine.pages.audit();
    }
  } catch (error) {
    note(error);
  }
  await machine.close();
  await Promise.all(waiting);
  return errors;
}

describe("a worker that dies beside background work", () => {
  test.for(Object.entries(deaths))("%s: everybody who waits gets the same clear error", async ([, death]) => {
    const { script, reason } = death;
    const errors = await errorsOf(dyingWorker(script, 14));
    // Who lets time pass, and both writers.
    expect(errors).toHaveLength(3);
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toBeInstanceOf(WorkerGone);
    expect(String(errors[0])).toMatch(/^WorkerGone: the worker with node 0, 1 is gone: /);
    expect(String(errors[0])).toMatch(reason);
  });
});

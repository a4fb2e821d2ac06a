import { Worker } from "node:worker_threads";
import type { WorkerFactory } from "../remote/remote-shard.ts";
import { nodeEndpoint } from "./node-endpoint.ts";

export interface WorkerThreadOptions {
  /** Limit of a worker's heap in MiB; a worker that needs more ends the run with a clear error. */
  readonly maxHeapMib?: number;
}

/** Workers of Node's worker_threads. */
export function workerThreads(options: WorkerThreadOptions = {}): WorkerFactory {
  return (index) => {
    const worker = new Worker(new URL(import.meta.resolve("@memhp/shards/worker")), {
      name: `memhp shard ${index}`,
      ...(options.maxHeapMib === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMib } }),
    });
    return {
      endpoint: nodeEndpoint(worker),
      onGone(callback) {
        let told = false;
        const tell = (reason: Error): void => {
          if (!told) callback(reason);
          told = true;
        };
        worker.once("error", (error) => tell(error instanceof Error ? error : new Error(String(error))));
        worker.once("messageerror", (error) => tell(error));
        worker.once("exit", (code) => tell(new Error(`it exited with code ${code}`)));
      },
      setBusy(isBusy) {
        if (isBusy) worker.ref();
        else worker.unref();
      },
      terminate: async () => {
        await worker.terminate();
      },
    };
  };
}

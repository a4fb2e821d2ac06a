import { knownOptions } from "@memhp/abi";
import { Worker } from "node:worker_threads";
import type { WorkerFactory } from "../remote/remote-shard.ts";
import { nodeEndpoint } from "./node-endpoint.ts";

/** How worker threads are started. */
export interface WorkerThreadOptions {
  /**
   * The program of a worker: `@memhp/shards/worker`, or a file of your own that calls `serveShard`. A bundled program has to name it, since
   * no package stands beside it: bundle the worker as an entry of its own, `workerThreads({ url: new URL("./worker.js", import.meta.url) })`.
   */
  readonly url?: URL | string;
  /** Limit of a worker's heap in MiB; a worker that needs more ends the run with a clear error. */
  readonly maxHeapMib?: number;
}

const OPTIONS: Readonly<Record<keyof WorkerThreadOptions, true>> = { url: true, maxHeapMib: true };

/**
 * Workers of Node's worker_threads.
 * @throws TypeError if `url` is neither a `URL` nor the text of one.
 */
export function workerThreads(options: WorkerThreadOptions = {}): WorkerFactory {
  knownOptions("workerThreads: options", options, OPTIONS);
  const given = options.url;
  if (given !== undefined && !(given instanceof URL) && !URL.canParse(given))
    throw new TypeError(`url: ${JSON.stringify(given)} is no URL, such as new URL("./worker.js", import.meta.url)`);
  return (index) => {
    const worker = new Worker(new URL(given ?? import.meta.resolve("@memhp/shards/worker")), {
      name: `memhp shard ${index}`,
      ...(options.maxHeapMib === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMib } }),
    });
    return {
      endpoint: nodeEndpoint(worker),
      sharesMemory: true,
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

import type { WorkerFactory } from "../remote/remote-shard.ts";

/**
 * Workers of a browser. `start` makes one that runs `@memhp/shards/web/worker`; it is the
 * caller's, since bundlers want to see `new Worker(new URL(…))` in the application.
 */
export function webWorkers(start: (index: number) => Worker): WorkerFactory {
  return (index) => {
    const worker = start(index);
    return {
      endpoint: worker,
      sharesMemory: globalThis.crossOriginIsolated,
      onGone(callback) {
        worker.addEventListener("error", (event) => callback(new Error(event.message || "it failed to start")), {
          once: true,
        });
        worker.addEventListener("messageerror", () => callback(new Error("a message could not be read")), {
          once: true,
        });
      },
      terminate: () => worker.terminate(),
    };
  };
}

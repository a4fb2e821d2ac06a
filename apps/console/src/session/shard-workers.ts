import type { MachineOptions } from "@memhp/machine";
import { webWorkers } from "@memhp/machine/web";
import { endOf } from "../remote/worker-end.ts";

/** Starts one worker for NUMA nodes; bundlers want to see the URL here. One that dies is an error of the worker, as one that does not start. */
function startWorker(): Worker {
  const worker = new Worker(new URL("./shard-worker.ts", import.meta.url), { type: "module", name: "memhp shard" });
  const tell = async (): Promise<void> => {
    await endOf(worker);
    worker.dispatchEvent(new ErrorEvent("error", { message: "it ended" }));
  };
  void tell();
  return worker;
}

/** Options that spread a machine over so many workers; none at 0. */
export function shardWorkers(workers: number): Pick<MachineOptions, "workers" | "workerFactory"> {
  return workers > 0 ? { workers, workerFactory: webWorkers(startWorker) } : {};
}

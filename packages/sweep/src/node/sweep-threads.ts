import { Worker } from "node:worker_threads";
import type { RunResult } from "../sweep-runner.ts";
import type { Sweep } from "../sweep.ts";
import type { JobThreadOptions } from "./job-thread.ts";
import type { WorkerStart } from "./worker.ts";

/** Garbage of a run is gone after it: a small young generation (three times a semi-space) stays in the processor's cache, also beside others. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/** How threads for the runs of a sweep are started. */
export function sweepThreads(sweep: Sweep, forks: boolean): JobThreadOptions<RunResult> {
  const { document, source, image } = sweep;
  const workerData: WorkerStart = { document, source, forks, ...(image === undefined ? {} : { image }) };
  return {
    start: () =>
      new Worker(new URL(import.meta.resolve("@memhp/sweep/worker")), {
        name: "memhp sweep",
        workerData,
        resourceLimits,
      }),
    lost: (run, { message }) => ({ ...sweep.point(run), failure: `its worker ended: ${message}` }),
  };
}

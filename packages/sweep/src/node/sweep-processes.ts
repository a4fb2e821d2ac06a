import { fileURLToPath } from "node:url";
import type { RunResult } from "../sweep-runner.ts";
import type { Sweep } from "../sweep.ts";
import type { JobProcessOptions } from "./job-process.ts";
import type { WorkerStart } from "./worker.ts";

/** How processes for the runs of a sweep are started. */
export function sweepProcesses(
  sweep: Sweep,
  forks: boolean,
  program: string = fileURLToPath(import.meta.resolve("@memhp/sweep/worker")),
): JobProcessOptions<RunResult> {
  const { document, source, image } = sweep;
  const begin: WorkerStart = { document, source, forks, ...(image === undefined ? {} : { image }) };
  return {
    program,
    begin,
    lost: (run, why) => ({ ...sweep.point(run), failure: `its worker ended: ${why}` }),
  };
}

import type { MachineImage } from "@memhp/machine";
import { Sweep } from "../sweep.ts";
import type { SweepDocument } from "../sweep-schema.ts";
import { SweepRunner } from "../sweep-runner.ts";
import { turn } from "../turn.ts";
import { serveJobs } from "./serve-jobs.ts";

/** What a worker is told before its first run. */
export interface WorkerStart {
  readonly document: SweepDocument;
  readonly source: string;
  readonly forks: boolean;
  /** The machine with which every run begins. */
  readonly image?: MachineImage;
}

await serveJobs((begin) => {
  const { document, source, forks, image } = begin as WorkerStart;
  const runner = new SweepRunner(new Sweep(document, source, image), { forks, beforeStep: turn });
  return (run) => runner.run(run);
});

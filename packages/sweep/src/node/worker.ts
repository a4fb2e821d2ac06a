import { workerData } from "node:worker_threads";
import type { MachineImage } from "@memhp/machine";
import { Sweep } from "../sweep.ts";
import type { SweepDocument } from "../sweep-schema.ts";
import { SweepRunner } from "../sweep-runner.ts";
import { serveJobs } from "./serve-jobs.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly document: SweepDocument;
  readonly source: string;
  readonly forks: boolean;
  /** The machine with which every run begins. */
  readonly image?: MachineImage;
}

const { document, source, forks, image } = workerData as WorkerStart;
const runner = new SweepRunner(new Sweep(document, source, image), { forks });
await serveJobs((run) => runner.run(run));

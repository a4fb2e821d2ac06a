import { on } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { Sweep } from "../sweep.ts";
import type { SweepDocument } from "../sweep-schema.ts";
import { SweepRunner } from "../sweep-runner.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly document: SweepDocument;
  readonly source: string;
  readonly forks: boolean;
}

const port = parentPort;
if (port === null) throw new Error("@memhp/sweep/worker runs in a worker thread");
const { document, source, forks } = workerData as WorkerStart;
const runner = new SweepRunner(new Sweep(document, source), { forks });

// One after another, in the order in which they were given.
for await (const [run] of on(port, "message") as AsyncIterable<[number]>) port.postMessage(await runner.run(run));

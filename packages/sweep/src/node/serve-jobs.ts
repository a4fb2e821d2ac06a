import { on } from "node:events";
import { parentPort } from "node:worker_threads";

/** The worker's side of a pool: carries out each list of jobs, one after another. */
export async function serveJobs(perform: (job: number) => Promise<unknown>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("jobs are served in a worker thread");
  const lists = on(port, "message") as AsyncIterable<[readonly number[]]>;
  port.postMessage([]);
  for await (const [jobs] of lists) {
    const results: unknown[] = [];
    for (const job of jobs) results.push(await perform(job));
    port.postMessage(results);
  }
}

import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { JobThread } from "../src/node/job-thread.ts";
import { WorkerPool } from "../src/node/worker-pool.ts";

/** A worker that answers jobs with twice their number, and dies of job 13. */
const code = `
const { parentPort } = require("node:worker_threads");
parentPort.postMessage([]);
parentPort.on("message", (jobs) => {
  if (jobs.includes(13)) throw new Error("bad luck");
  parentPort.postMessage(jobs.map((job) => job * 2));
});`;
const options = {
  start: () => new Worker(code, { eval: true }),
  lost: (job: number, { message }: Error) => `${job}: ${message}`,
};

test("a job that ends its worker is lost, alone of its list, and what waited behind it is done", async () => {
  const thread = new JobThread<number | string>(options);
  const lists = await Promise.all([thread.perform([1, 2]), thread.perform([12, 13, 14]), thread.perform([15])]);
  await thread.close();
  expect(lists).toEqual([[2, 4], [24, "13: bad luck", 28], [30]]);
});

test("a worker that ends without an error is replaced as one that throws", async () => {
  const quiet = code.replace('throw new Error("bad luck")', "process.exit(3)");
  const thread = new JobThread<number | string>({ ...options, start: () => new Worker(quiet, { eval: true }) });
  const lists = await Promise.all([thread.perform([1, 2]), thread.perform([13]), thread.perform([15])]);
  await thread.close();
  expect(lists).toEqual([[2, 4], ["13: the worker ended with code 3"], [30]]);
});

test("a pool has each job done once, whoever does it, until there are enough", async () => {
  const pool = new WorkerPool<number | string>({ ...options, workers: 2 });
  const results: (number | string)[] = [];
  await pool.run(0, 100, (result) => results.push(result) === 100);
  expect(results.toSorted((a, b) => Number.parseInt(String(a), 10) - Number.parseInt(String(b), 10))).toHaveLength(100);
  expect(new Set(results).size).toBe(100);
  expect(results).toContain("13: bad luck");
  const few: unknown[] = [];
  await pool.run(0, Number.MAX_SAFE_INTEGER, (result) => few.push(result) === 5);
  expect(few).toHaveLength(5);
  await pool.close();
});

test("a worker that cannot begin is no worker for ever", async () => {
  const start = (): Worker => new Worker("throw new Error('no such module')", { eval: true });
  const thread = new JobThread<number>({ start, lost: () => -1 });
  await expect(thread.perform([1])).rejects.toThrow("no such module");
});

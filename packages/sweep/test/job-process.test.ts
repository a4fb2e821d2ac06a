import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { InOrder } from "../src/node/in-order.ts";
import { JobProcess } from "../src/node/job-process.ts";
import { workerFlags } from "../src/node/worker-process.ts";
import { WorkerPool } from "../src/node/worker-pool.ts";

const folder = mkdtempSync(join(tmpdir(), "memhp-jobs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const options = {
  program: fileURLToPath(new URL("job-worker-program.ts", import.meta.url)),
  begin: {},
  lost: (job: number, why: string) => `${job}: ${why}`,
};

test("a job that ends its worker is lost, alone of its list, and what waited behind it is done", async () => {
  const worker = new JobProcess<number | string>(options);
  const lists = await Promise.all([[1, 2], [12, 13, 17], [15], [18]].map((jobs) => worker.perform(jobs)));
  await worker.close();
  expect(lists).toEqual([[2, 4], [24, "13: bad luck", 34], ["15: the worker ended with code 3"], [36]]);
});

test("a job whose worker somebody kills is taken again; one that is killed each time is lost", async () => {
  const file = join(folder, "kills");
  writeFileSync(file, "2");
  const worker = new JobProcess<number | string>({ ...options, begin: { file } });
  const lists = await Promise.all([worker.perform([1, 16, 2]), worker.perform([14])]);
  await worker.close();
  expect(lists).toEqual([[2, 32, 4], ["14: the worker was killed by SIGKILL"]]);
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
  const broken = new JobProcess<unknown>({ ...options, begin: { isBroken: true } });
  await expect(broken.perform([1])).rejects.toThrow("a worker could not begin: no such thing");
  const missing = new JobProcess<unknown>({ ...options, program: join(folder, "nothing.js") });
  await expect(missing.perform([1])).rejects.toThrow(/^a worker could not begin: Error: Cannot find module/);
});

test("one that never ends is ended where somebody says when, and what a job has come to so far is heard", async () => {
  const partials: unknown[] = [];
  const worker = new JobProcess<number | string>({
    ...options,
    silence: { mostMs: 5000, why: "not a word" },
    onPartial: (soFar) => partials.push(soFar),
  });
  const lists = await Promise.all([[1, 1001], [1000], [2]].map((jobs) => worker.perform(jobs)));
  await worker.close();
  expect([lists, partials]).toEqual([[[2, 2002], ["1000: not a word"], [4]], [39]]);
});

test("results come in order; at the end those that wait for others come without them", () => {
  const passed: number[] = [];
  const results = new InOrder<number>(
    0,
    (result) => result,
    (result) => void passed.push(result),
  );
  for (const result of [1, 0, 5, 3]) results.add(result);
  expect(passed).toEqual([0, 1]);
  results.end([4]);
  results.add(2);
  expect([passed, results.isEnough]).toEqual([[0, 1, 3, 4, 5], true]);
});

test("workers find what their process finds, and nothing else is passed on", () => {
  const flags = [
    "--inspect-brk",
    "--conditions=a",
    "--import",
    "x.js",
    "-C",
    "b",
    "--max-old-space-size=99",
    "-e",
    "1",
  ];
  expect(workerFlags(flags)).toEqual([
    "--conditions=a",
    "-C",
    "b",
    "--max-old-space-size=99",
    "--max-semi-space-size=8",
  ]);
});

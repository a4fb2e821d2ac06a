import { expect, test } from "vitest";
import { type Uevent, WorkerPool } from "../src/index.ts";

const event = (seqnum: number, devpath: string, atNs = 0): Uevent => ({
  action: "add",
  devpath,
  subsystem: "memory",
  seqnum,
  atNs,
  env: {},
});

const options = { workers: 2, wakeNs: 100, rulesNs: 10 };

test("so many events run at once, in the order of SEQNUM; the others wait for a free worker", () => {
  const pool = new WorkerPool(options);
  for (const n of [1, 2, 3]) pool.push(event(n, `/d/memory${n}`));
  const [first, second, ...none] = pool.begin();
  expect([first?.event.seqnum, second?.event.seqnum, none]).toEqual([1, 2, []]);
  expect(first?.atNs).toBe(110);
  if (second !== undefined) pool.end(second, 500);
  expect(pool.begin()).toMatchObject([{ event: { seqnum: 3 }, atNs: 610 }]);
  expect(pool.isSettled).toBe(false);
});

test("a device's events come one after another, and so do those of a device and its parent", () => {
  const pool = new WorkerPool({ ...options, workers: 8 });
  pool.push(event(1, "/d/memory1"));
  pool.push(event(2, "/d/memory1"));
  pool.push(event(3, "/d"));
  pool.push(event(4, "/e"));
  expect(pool.begin().map((job) => job.event.seqnum)).toEqual([1, 4]);
  expect(pool.begin()).toEqual([]);
  expect(pool.waiting).toBe(2);
});

test("a pool without workers is refused", () => {
  expect(() => new WorkerPool({ ...options, workers: 0 })).toThrow("workers: expected a whole number above 0, found 0");
});

test("of thousands of events that wait, each is looked at a few times only", () => {
  const pool = new WorkerPool({ ...options, workers: 8 });
  let looks = 0;
  const count = 2000;
  for (let n = 0; n < count; n++) {
    const { devpath, ...rest } = event(n, `/d/memory${n}`);
    pool.push({
      ...rest,
      get devpath() {
        looks++;
        return devpath;
      },
    });
  }
  const done: number[] = [];
  for (let jobs = pool.begin(); jobs.length > 0; jobs = pool.begin())
    for (const job of jobs) {
      done.push(job.event.seqnum);
      pool.end(job, job.atNs);
    }
  expect(done).toEqual(Array.from({ length: count }, (_, n) => n));
  expect(pool.isSettled).toBe(true);
  expect(looks).toBeLessThan(20 * count);
});

test("what was blocked goes on in its place, before what came later", () => {
  const pool = new WorkerPool({ ...options, workers: 2 });
  for (const [seqnum, devpath] of ["/d/a", "/d/a/x", "/e", "/d/a", "/f"].entries()) pool.push(event(seqnum, devpath));
  const order: number[] = [];
  for (let jobs = pool.begin(); jobs.length > 0; jobs = pool.begin())
    for (const job of jobs) {
      order.push(job.event.seqnum);
      pool.end(job, job.atNs);
    }
  // The child waits for its parent, and the second of the parent for the child.
  expect(order).toEqual([0, 2, 1, 4, 3]);
});

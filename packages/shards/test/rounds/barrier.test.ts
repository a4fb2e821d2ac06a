import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Barrier, BARRIER_WORDS } from "../../src/rounds/barrier.ts";
import { type Meeting, meetOften } from "./meet-often.ts";

const PARTIES = 3;
const TIMES = 150;

test("threads that come to a barrier at random times pass it together, however long each of them slept", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4 * (BARRIER_WORDS + PARTIES + 2)));
  const meeting = (party: number): Meeting => ({ words, parties: PARTIES, party, times: TIMES });
  const threads = [1, 2].map(
    (party) => new Worker(new URL("barrier-thread.ts", import.meta.url), { workerData: meeting(party) }),
  );
  const ends = threads.map((thread) => once(thread, "exit"));
  meetOften(meeting(0));
  expect((await Promise.all(ends)).map(([code]) => code as number)).toEqual([0, 0]);
  expect([...words.subarray(BARRIER_WORDS)]).toEqual([TIMES, TIMES, TIMES, 0, 0]);
});

test("a broken barrier lets go whoever comes", () => {
  const barrier = new Barrier(new Int32Array(new SharedArrayBuffer(4 * BARRIER_WORDS)), 2);
  barrier.break();
  expect(barrier.arrive()).toBe(false);
  expect(barrier.arrive()).toBe(false);
});

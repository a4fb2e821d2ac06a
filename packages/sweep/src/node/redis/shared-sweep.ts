import { createHash } from "node:crypto";
import type { MachineImage } from "@memhp/machine";
import type { Redis } from "ioredis";
import { headerLine } from "../../results.ts";
import type { Sweep } from "../../sweep.ts";
import type { SweepDocument } from "../../sweep-schema.ts";
import { SweepError } from "../../sweep-error.ts";
import type { RunResult } from "../../sweep-runner.ts";

/** Name of the queue that coordinators and workers share. */
export const QUEUE = "memhp-sweep";
const VERSION_KEY = "memhp:sweep:version";
/** Sweeps under way, by id. */
const SWEEPS_KEY = "memhp:sweep:documents";

/** A sweep as workers receive it. */
export interface SharedSweep {
  readonly document: SweepDocument;
  readonly source: string;
  readonly forks: boolean;
  readonly image?: MachineImage;
}

/** What a job asks for: runs from..to-1. */
export interface RunsJob {
  readonly sweep: string;
  readonly version: string;
  readonly from: number;
  readonly to: number;
}

export type RunsResult = readonly RunResult[];

/** The same sweep has the same id wherever it is coordinated, so that a coordinator that comes again finds what was done. */
export function idOf(sweep: Sweep, version: string): string {
  return createHash("sha256")
    .update(`${version}\n${headerLine(sweep)}`)
    .digest("hex")
    .slice(0, 24);
}

/**
 * Publishes a sweep for workers.
 * @throws SweepError where workers and sweeps of another version are at work.
 */
export async function publish(redis: Redis, id: string, sweep: SharedSweep, version: string): Promise<void> {
  if ((await redis.hlen(SWEEPS_KEY)) === 0) await redis.set(VERSION_KEY, version);
  await checkVersion(redis, version);
  await redis.hset(SWEEPS_KEY, id, JSON.stringify(sweep));
}

export async function withdraw(redis: Redis, id: string): Promise<void> {
  await redis.hdel(SWEEPS_KEY, id);
}

/** @throws SweepError */
export async function checkVersion(redis: Redis, version: string): Promise<void> {
  const theirs = await redis.get(VERSION_KEY);
  if (theirs !== null && theirs !== version && (await redis.hlen(SWEEPS_KEY)) > 0)
    throw new SweepError(`this is memhp ${version}, and sweeps of memhp ${theirs} are under way there`);
}

/** @throws SweepError */
export async function sharedSweep(redis: Redis, id: string): Promise<SharedSweep> {
  const text = await redis.hget(SWEEPS_KEY, id);
  if (text === null) throw new SweepError(`sweep ${id} is over`);
  return JSON.parse(text) as SharedSweep;
}

/** Most runs of a job. */
const MOST_RUNS = 100;
const USUAL_JOBS = 500;

/** The jobs of a sweep: the same for every coordinator. */
export function runsPerJob(runs: number): number {
  return Math.min(MOST_RUNS, Math.max(1, Math.ceil(runs / USUAL_JOBS)));
}

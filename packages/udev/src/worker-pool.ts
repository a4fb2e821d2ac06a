import { knownOptions } from "@memhp/abi";
import type { Uevent } from "./uevent.ts";

/** How many of udevd's workers there are, and how long each event takes. */
export interface WorkerPoolOptions {
  /** Processes that run rules beside each other: udevd's children_max. */
  readonly workers: number;
  /** Simulated time from the kernel's uevent until a free worker has begun with it, in nanoseconds. */
  readonly wakeNs: number;
  /** How long the rules of one event take a worker, in nanoseconds, without what they wait for. */
  readonly rulesNs: number;
}

/** A uevent in the hands of a worker. */
export interface PoolJob {
  readonly event: Uevent;
  /** When its rules have been run as far as a write. */
  readonly atNs: number;
}

const OPTIONS: Readonly<Record<keyof WorkerPoolOptions, true>> = { workers: true, wakeNs: true, rulesNs: true };

/**
 * Uevents on their way through udevd: in the order of SEQNUM, so many at a time, and never two at once of one device or of a device
 * and its parent. Pure bookkeeping: who drives the clock asks for what is due, and says when it has ended.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  #queue: Uevent[] = [];
  readonly #running = new Map<number, Uevent>();
  /** When a worker last became free, by worker. */
  readonly #freeAtNs: number[];

  /** @throws RangeError for no workers. */
  constructor(options: WorkerPoolOptions) {
    knownOptions("WorkerPool: options", options, OPTIONS);
    if (!(Number.isInteger(options.workers) && options.workers > 0))
      throw new RangeError(`workers: expected a whole number above 0, found ${String(options.workers)}`);
    this.#options = options;
    this.#freeAtNs = Array.from({ length: options.workers }, () => 0);
  }

  /** Uevents that no worker has yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** True where nothing waits and nothing runs: `udevadm settle` returns. */
  get isSettled(): boolean {
    return this.#queue.length === 0 && this.#running.size === 0;
  }

  push(event: Uevent): void {
    this.#queue.push(event);
  }

  /** Gives events to free workers. @returns those that begin, with the time at which their rules act. */
  begin(): PoolJob[] {
    const begun: PoolJob[] = [];
    const left: Uevent[] = [];
    for (const event of this.#queue) {
      const isBlocked = [...this.#running.values(), ...left].some((other) => isRelated(other.devpath, event.devpath));
      if (isBlocked || this.#freeAtNs.length === 0) {
        left.push(event);
        continue;
      }
      this.#freeAtNs.sort((a, b) => a - b);
      const freeAtNs = this.#freeAtNs.shift() ?? 0;
      this.#running.set(event.seqnum, event);
      begun.push({ event, atNs: Math.max(event.atNs, freeAtNs) + this.#options.wakeNs + this.#options.rulesNs });
    }
    this.#queue = left;
    return begun;
  }

  /** A worker has ended with an event. */
  end({ event }: PoolJob, atNs: number): void {
    if (this.#running.delete(event.seqnum)) this.#freeAtNs.push(atNs);
  }
}

function isRelated(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

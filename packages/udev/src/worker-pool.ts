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
  /** Where the queue begins: what lies before has begun. */
  #first = 0;
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
    return this.#queue.length - this.#first;
  }

  /** True where nothing waits and nothing runs: `udevadm settle` returns. */
  get isSettled(): boolean {
    return this.waiting === 0 && this.#running.size === 0;
  }

  push(event: Uevent): void {
    this.#queue.push(event);
  }

  /** Gives events to free workers. @returns those that begin, with the time at which their rules act. */
  begin(): PoolJob[] {
    const begun: PoolJob[] = [];
    const left: Uevent[] = [];
    const before = new Devices();
    for (const { devpath } of this.#running.values()) before.add(devpath);
    let next = this.#first;
    // Behind the last that finds a worker nobody is looked at: of thousands that wait, few can begin.
    for (; next < this.#queue.length && this.#freeAtNs.length > 0; next++) {
      const event = this.#queue[next] as Uevent;
      const isBlocked = before.hasRelative(event.devpath);
      before.add(event.devpath);
      if (isBlocked) {
        left.push(event);
        continue;
      }
      this.#freeAtNs.sort((a, b) => a - b);
      const freeAtNs = this.#freeAtNs.shift() ?? 0;
      this.#running.set(event.seqnum, event);
      begun.push({ event, atNs: Math.max(event.atNs, freeAtNs) + this.#options.wakeNs + this.#options.rulesNs });
    }
    this.#keep(left, next);
    return begun;
  }

  /** Those that are left stand before the others again. */
  #keep(left: readonly Uevent[], next: number): void {
    this.#first = next - left.length;
    for (const [i, event] of left.entries()) this.#queue[this.#first + i] = event;
    if (this.#first < SPENT || this.#first < this.#queue.length / 2) return;
    this.#queue = this.#queue.slice(this.#first);
    this.#first = 0;
  }

  /** A worker has ended with an event. */
  end({ event }: PoolJob, atNs: number): void {
    if (this.#running.delete(event.seqnum)) this.#freeAtNs.push(atNs);
  }
}

/** So many that have begun may stay in the queue before it is written anew. */
const SPENT = 64;

/** Devices, asked whether one of them is a device, its parent or its child. */
class Devices {
  readonly #paths = new Set<string>();
  readonly #parents = new Set<string>();

  add(path: string): void {
    this.#paths.add(path);
    for (const parent of parentsOf(path)) this.#parents.add(parent);
  }

  hasRelative(path: string): boolean {
    if (this.#paths.has(path) || this.#parents.has(path)) return true;
    for (const parent of parentsOf(path)) if (this.#paths.has(parent)) return true;
    return false;
  }
}

/** `/a/b/c`: `/a/b`, `/a`. */
function* parentsOf(path: string): Generator<string> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) yield path.slice(0, end);
}

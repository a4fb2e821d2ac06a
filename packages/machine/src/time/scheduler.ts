import type { Caller } from "@memhp/abi";
import type { Pace, MachineClock } from "@memhp/shards";
import { type Alarm, Alarms } from "./alarms.ts";
import { whenLoopRunsDry } from "./dry-loop.ts";
import { EndlessError } from "./endless.ts";
import { Task, type TaskState } from "@memhp/abi";

/** A kernel thread: a writer, the kernel's ACPI worker, a program that takes or frees pages. */
export interface Thread extends TaskState {
  readonly name: string;
  readonly caller: Caller;
  hasEnded: boolean;
  hasHadLock: boolean;
  /** What it waits for, in words. */
  waitsFor: (() => string) | undefined;
  /** What tells it that it waits in vain, while it waits. */
  fail: ((reason: Error) => void) | undefined;
}

/** A way to let a thread that waits go on; the second call does nothing. */
export type Wake = () => void;

/**
 * The kernel threads of a machine, one at a time. A thread keeps the processor until it ends or waits here: for the hotplug
 * lock, for simulated time, for what may never come. Messages to shards do not count, so neither how many workers there are
 * nor how long their messages take decides who comes next. Time moves only when no thread can go on without it.
 */
export class Scheduler implements Pace {
  readonly #clock: MachineClock;
  readonly #alarms = new Alarms();
  /**
   * In the order in which they began. A list: a Set or a Map that is written to at each step is made anew every few steps, and what is old of it
   * keeps the new one, and all that is in it, until the whole heap is collected.
   */
  readonly #threads: Thread[] = [];
  #waiting = 0;
  readonly #ready: { readonly thread: Thread; readonly go: () => void }[] = [];
  /** Work that has come as far as time was let pass. */
  #paused: { readonly untilNs: number; readonly wake: Wake }[] = [];
  #running: Thread | undefined;
  #isDispatching = false;
  #atRest: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];
  #horizonNs: number;
  #failure: Error | undefined;
  /** Hears of each thread that ends, before the next one goes on. */
  onEnd: ((thread: Thread) => void) | undefined;
  /** What to say where threads wait, and nothing in the whole program could do anything about it. */
  onDry: (() => Error) | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #mostTurns: number;
  #turns = 0;

  /** @param mostTurns turns that threads may take before the machine fails. */
  constructor(
    clock: MachineClock,
    horizonNs: number = Number.POSITIVE_INFINITY,
    mostTurns: number = Number.POSITIVE_INFINITY,
  ) {
    this.#clock = clock;
    this.#horizonNs = horizonNs;
    this.#mostTurns = mostTurns;
  }

  /** Threads that have not ended, in the order in which they began. */
  threads(): readonly Thread[] {
    return [...this.#threads];
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Begins a thread; it runs when those before it wait or have ended. */
  start<T>(name: string, body: () => Promise<T>, caller: Caller = {}): Task<T> {
    const thread: Thread = {
      name,
      caller,
      hasEnded: false,
      hasHadLock: false,
      waitsFor: undefined,
      fail: undefined,
    };
    const task = new Task<T>(thread, (resolve, reject) => {
      if (this.#failure !== undefined) {
        thread.hasEnded = true;
        reject(this.#failure);
        return;
      }
      const go = (): void => {
        body()
          .then(resolve, (error: unknown) => {
            if (error === this.#failure) silence(task);
            reject(error);
          })
          .finally(() => this.#end(thread));
      };
      this.#threads.push(thread);
      this.#ready.push({ thread, go });
    });
    if (this.#failure !== undefined) silence(task);
    // Not at once: who begins something may say in the same breath how long time passes for it.
    queueMicrotask(() => this.#dispatch());
    return task;
  }

  /** The running thread waits until it is woken. */
  wait(waitsFor: () => string, begin: (wake: Wake) => void): Promise<void> {
    const thread = this.#running;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (thread === undefined) throw new Error("memhp bug: something waits that is no kernel thread");
    thread.waitsFor = waitsFor;
    this.#running = undefined;
    const woken = new Promise<void>((resolve, reject) => {
      const wake = (): void => {
        if (thread.fail !== reject) return;
        this.#noLongerWaits(thread);
        this.#ready.push({ thread, go: resolve });
        this.#dispatch();
      };
      thread.fail = reject;
      this.#waiting++;
      begin(wake);
    });
    this.#dispatch();
    return woken;
  }

  /** The thread that has the processor. */
  get running(): Thread | undefined {
    return this.#running;
  }

  /** Something that happens when time comes to it. */
  setAlarm(alarm: Alarm): void {
    this.#alarms.set(alarm);
  }

  /** When the next alarm rings; Infinity where none is set. */
  get nextAlarmNs(): number {
    return this.#alarms.nextNs;
  }

  /** Time passes though nobody works: what it comes to happens. */
  advanceTo(atNs: number): void {
    this.#clock.advanceTo(atNs);
    this.#dispatch();
  }

  /** Up to where time may pass. */
  get horizonNs(): number {
    return this.#horizonNs;
  }

  /** Lets time pass up to a moment, or no further than now. */
  setHorizon(horizonNs: number): void {
    this.#horizonNs = horizonNs;
    this.#dispatch();
  }

  get untilNs(): number {
    return Math.min(this.#horizonNs, this.#alarms.nextNs);
  }

  pause(untilNs: number): Promise<void> {
    // It may have moved while the shards were at work.
    if (this.untilNs !== untilNs) return Promise.resolve();
    const waitsFor = (): string =>
      untilNs === Number.POSITIVE_INFINITY ? "a signal or freed pages" : `simulated time to pass ${untilNs} ns`;
    return this.wait(waitsFor, (wake) => {
      this.#paused.push({ untilNs, wake });
    });
  }

  wake(): void {
    this.#resume(({ untilNs }) => untilNs === Number.POSITIVE_INFINITY);
  }

  /** Settles when no thread can go on; rejects where the machine has failed. */
  rest(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#running === undefined && this.#ready.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#atRest.push({ resolve, reject }));
  }

  /** Nothing goes on any more: everybody who waits hears why. */
  fail(reason: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    for (const { reject } of this.#atRest.splice(0)) reject(reason);
    this.#paused = [];
    for (const thread of this.threads()) {
      const { fail } = thread;
      this.#noLongerWaits(thread);
      fail?.(reason);
    }
    // Those that were to go on learn it from what they ask next.
    this.#dispatch();
  }

  #end(thread: Thread): void {
    thread.hasEnded = true;
    thread.waitsFor = undefined;
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    this.#noLongerWaits(thread);
    if (this.#running === thread) this.#running = undefined;
    this.onEnd?.(thread);
    this.#dispatch();
  }

  #noLongerWaits(thread: Thread): void {
    if (thread.fail === undefined) return;
    thread.fail = undefined;
    this.#waiting--;
  }

  #dispatch(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    while (this.#running === undefined) {
      const next = this.#ready.shift();
      if (next === undefined) {
        if (this.#failure !== undefined || !this.#goOnInTime()) break;
        continue;
      }
      if (++this.#turns > this.#mostTurns)
        this.fail(
          new EndlessError(`not ended after ${this.#mostTurns} turns of kernel threads, now of ${next.thread.name}`),
        );
      this.#running = next.thread;
      next.thread.waitsFor = undefined;
      next.go();
    }
    this.#isDispatching = false;
    if (this.#running !== undefined) return;
    for (const { resolve } of this.#atRest.splice(0)) resolve();
    const { onDry } = this;
    if (this.#waiting > 0 && onDry !== undefined) this.#stopWatching = whenLoopRunsDry(() => this.fail(onDry()));
  }

  /** Nobody can go on at this moment: what time has come to happens, then work that time is let pass for. */
  #goOnInTime(): boolean {
    const alarm = this.#alarms.take(this.#clock.nowNs);
    if (alarm !== undefined) {
      void this.start(alarm.name, alarm.ring);
      return true;
    }
    const { untilNs: now } = this;
    return this.#resume(({ untilNs }) => {
      if (untilNs !== Number.POSITIVE_INFINITY) return now > untilNs;
      return now !== Number.POSITIVE_INFINITY && now > this.#clock.nowNs;
    });
  }

  #resume(mayGoOn: (paused: { readonly untilNs: number }) => boolean): boolean {
    const going = this.#paused.filter(mayGoOn);
    this.#paused = this.#paused.filter((paused) => !going.includes(paused));
    for (const { wake } of going) wake();
    return going.length > 0;
  }
}

/** That nobody awaits a task is no second error of a machine that has failed. */
function silence(task: Promise<unknown>): void {
  task.catch(() => {});
}

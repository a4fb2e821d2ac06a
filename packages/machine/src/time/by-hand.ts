import type { HotplugLock } from "./hotplug-lock.ts";
import type { Scheduler, Thread } from "./scheduler.ts";
import { StuckError, waitingText } from "./stuck.ts";
import { Task } from "@memhp/abi";

export interface ByHandOptions {
  readonly scheduler: Scheduler;
  readonly lock: HotplugLock;
  readonly nowNs: () => number;
  /** What else lives while time passes. */
  readonly afterwards: () => Task<void> | undefined;
}

/**
 * Lets simulated time pass as somebody asks for it, and stops it at the moment at which what they wait for ends. Before that
 * time passes as fast as the work goes.
 */
export class TimeByHand {
  readonly #options: ByHandOptions;
  /** What is asked for, one after another. */
  #last: Promise<unknown> = Promise.resolve();
  #turns = 0;
  #isHeld = false;
  #awaited: Task<unknown> | undefined;

  constructor(options: ByHandOptions) {
    this.#options = options;
    options.scheduler.onEnd = (thread) => this.#ended(thread);
  }

  /** Somebody has stopped the clock for good. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Stops the clock. Without `forGood` it goes again when time has passed until nobody works any more. */
  hold(forGood = false): void {
    this.#isHeld ||= forGood;
    this.#stop();
  }

  /** The clock goes as fast as the work does. */
  release(): void {
    this.#isHeld = false;
    this.#options.scheduler.setHorizon(Number.POSITIVE_INFINITY);
  }

  /** @throws RangeError for anything but nanoseconds from 0. */
  async wait(ns: number): Promise<void> {
    checkSpan("wait", ns, this.#options.nowNs());
    await this.#inTurn(() => this.#pass(undefined, ns));
  }

  /** @throws RangeError for anything but nanoseconds from 0, or Infinity; StuckError where time alone would never end it. */
  async until(task: Task<unknown>, atMostNs: number): Promise<boolean> {
    if (atMostNs !== Number.POSITIVE_INFINITY) checkSpan("passUntil", atMostNs, this.#options.nowNs());
    checkTask("passUntil", task);
    // Who waits for it looks at it afterwards.
    task.catch(() => {});
    return this.#inTurn(() => this.#pass(task, atMostNs));
  }

  /**
   * Time passes as fast as the work goes until a task has ended; nothing else lives meanwhile.
   * @throws StuckError where nothing that is under way could ever end it.
   */
  async finish(task: Task<unknown>): Promise<void> {
    checkTask("finish", task);
    const { scheduler, lock } = this.#options;
    if (scheduler.horizonNs !== Number.POSITIVE_INFINITY) {
      await this.until(task, Number.POSITIVE_INFINITY);
      return;
    }
    task.catch(() => {});
    await scheduler.rest();
    if (!task.hasEnded) throw new StuckError(`${task.name} would wait for ever:\n${waitingText(scheduler, lock)}`);
  }

  /** What needs no time goes on until nobody can; time stands still meanwhile. */
  async rest(): Promise<void> {
    await this.#inTurn(async () => {
      this.#stop();
      try {
        await this.#options.scheduler.rest();
      } finally {
        this.#goOn();
      }
    });
  }

  async #inTurn<T>(body: () => Promise<T>): Promise<T> {
    // What was begun in the same breath must not run ahead.
    if (this.#turns === 0) this.#stop();
    this.#turns++;
    const turn = this.#last.then(body, body);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#turns--;
    }
  }

  async #pass(task: Task<unknown> | undefined, spanNs: number): Promise<boolean> {
    const { scheduler, lock, nowNs } = this.#options;
    const endNs = nowNs() + spanNs;
    this.#stop();
    try {
      // What needs no time comes first.
      await scheduler.rest();
      if (!hasEnded(task)) {
        this.#awaited = task;
        scheduler.setHorizon(endNs);
        await scheduler.rest();
        if (!hasEnded(task) && lock.holder === undefined) await this.#jump(task, endNs);
      }
      if (task !== undefined && !hasEnded(task) && endNs === Number.POSITIVE_INFINITY)
        throw new StuckError(`${task.name} would wait for ever:\n${waitingText(scheduler, lock)}`);
    } finally {
      this.#awaited = undefined;
      this.#goOn();
    }
    await this.#options.afterwards();
    return task === undefined || hasEnded(task);
  }

  /** Nobody works: from one thing that happens by itself to the next. */
  async #jump(task: Task<unknown> | undefined, endNs: number): Promise<void> {
    const { scheduler, nowNs } = this.#options;
    while (!hasEnded(task)) {
      const atNs = Math.min(scheduler.nextAlarmNs, endNs);
      if (atNs === Number.POSITIVE_INFINITY) return;
      scheduler.advanceTo(Math.max(nowNs(), atNs));
      await scheduler.rest();
      if (atNs === endNs) return;
    }
  }

  #ended(thread: Thread): void {
    if (this.#awaited?.isOf(thread) !== true) return;
    this.#awaited = undefined;
    this.#stop();
  }

  /** As fast as the work goes again, where nobody works and nobody has stopped the clock for good. */
  #goOn(): void {
    const { scheduler, lock } = this.#options;
    if (lock.holder === undefined && !this.#isHeld) scheduler.setHorizon(Number.POSITIVE_INFINITY);
    else this.#stop();
  }

  #stop(): void {
    this.#options.scheduler.setHorizon(this.#options.nowNs());
  }
}

function hasEnded(task: Task<unknown> | undefined): boolean {
  return task?.hasEnded === true;
}

function checkTask(door: string, task: unknown): void {
  if (!(task instanceof Task)) throw new TypeError(`${door}: expected a task of the machine, found ${typeof task}`);
}

function checkSpan(door: string, ns: number, nowNs: number): void {
  if (Number.isSafeInteger(ns) && ns >= 0 && Number.isSafeInteger(nowNs + ns)) return;
  const most = Number.MAX_SAFE_INTEGER - nowNs;
  throw new RangeError(`${door}: expected whole nanoseconds from 0 to ${most}, found ${String(ns)}`);
}

import type { ShardSet } from "@memhp/shards";
import type { HotplugLock } from "./hotplug-lock.ts";

/** Lets the simulated clock run while work is under way, and stops it where the work may not go on. */
export class PassingTime {
  readonly #core: ShardSet;
  readonly #lock: HotplugLock;
  /** What else lives while time passes. */
  readonly #afterwards: () => Promise<void>;

  constructor(core: ShardSet, lock: HotplugLock, afterwards: () => Promise<void>) {
    this.#core = core;
    this.#lock = lock;
    this.#afterwards = afterwards;
  }

  async wait(ns: number): Promise<void> {
    await this.until(new Promise(() => {}), ns);
  }

  /**
   * See `Machine.passUntil`. Whether a promise settles or time passes must not depend on how fast a worker is. So the clock stands
   * still whenever the hotplug lock changes hands, and goes on only when all that needs no time has happened.
   */
  async until(promise: Promise<unknown>, atMostNs: number): Promise<boolean> {
    const { timeline } = this.#core;
    const endNs = timeline.nowNs + atMostNs;
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    const stop = this.#lock.onRelease(() => this.hold());
    this.hold();
    for (let isFirst = true; ; isFirst = false) {
      await this.#atRest();
      if (settled) break;
      if (this.#lock.isFree) {
        if (endNs !== Number.POSITIVE_INFINITY) timeline.advanceTo(Math.max(timeline.nowNs, endNs));
        break;
      }
      // It has come to the limit, or (with none) to where only a signal or free pages help.
      if (!isFirst && this.#core.isPaused && timeline.limitNs === endNs) break;
      timeline.setLimit(endNs);
    }
    stop();
    timeline.setLimit(this.#lock.isFree ? Number.POSITIVE_INFINITY : timeline.nowNs);
    await this.#afterwards();
    return settled;
  }

  /** Settles when nothing more happens before the clock goes on: no shard is at work, and every promise has been heard. */
  async #atRest(): Promise<void> {
    do {
      await macrotask();
      await this.#core.rest();
      await macrotask();
    } while (!this.#core.isAtRest);
  }

  hold(): void {
    this.#core.timeline.setLimit(this.#core.timeline.nowNs);
  }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

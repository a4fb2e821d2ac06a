import type { HotplugCore } from "./hotplug-core.ts";
import type { HotplugLock } from "./hotplug-lock.ts";

/** Lets the simulated clock run while work is under way, and stops it where the work may not go on. */
export class PassingTime {
  readonly #core: HotplugCore;
  readonly #lock: HotplugLock;
  /** What else lives while time passes. */
  readonly #afterwards: () => Promise<void>;

  constructor(core: HotplugCore, lock: HotplugLock, afterwards: () => Promise<void>) {
    this.#core = core;
    this.#lock = lock;
    this.#afterwards = afterwards;
  }

  async wait(ns: number): Promise<void> {
    await this.until(new Promise(() => {}), ns);
  }

  /** See `Machine.passUntil`. */
  async until(promise: Promise<unknown>, atMostNs: number): Promise<boolean> {
    const { timeline } = this.#core;
    const endNs = timeline.nowNs + atMostNs;
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    const done = promise.then(settle, settle);
    timeline.setLimit(endNs);
    for (;;) {
      await Promise.race([done, this.#lock.idle(), this.#core.untilPaused()]);
      // What a promise that just settled leads to comes before time passes by itself.
      await macrotask();
      if (settled) break;
      if (this.#core.isPaused) {
        if (timeline.nowNs >= endNs || endNs === Number.POSITIVE_INFINITY) break;
        continue;
      }
      if (!this.#lock.isFree) continue;
      if (endNs !== Number.POSITIVE_INFINITY) timeline.advanceTo(Math.max(timeline.nowNs, endNs));
      break;
    }
    timeline.setLimit(this.#lock.isFree ? Number.POSITIVE_INFINITY : timeline.nowNs);
    await this.#afterwards();
    return settled;
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

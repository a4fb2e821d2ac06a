import type { Caller } from "@memhp/abi";
import type { Scheduler, Thread, Wake } from "./scheduler.ts";

/** device_hotplug_lock: one holder, the others wait in the order in which they came. */
export class HotplugLock {
  readonly #scheduler: Scheduler;
  #holder: Thread | undefined;
  /** What the holder finds done before it begins, where it is somebody of the machine. */
  onHold: () => Promise<void> = async () => {};
  #waiters: { readonly thread: Thread; readonly wake: Wake }[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get holder(): Thread | undefined {
    return this.#holder;
  }

  /** Runs `body` alone, in the running thread. */
  async run<T>(body: () => Promise<T>): Promise<T> {
    const thread = this.#thread();
    await this.#acquire(thread);
    return this.#hold(thread, body);
  }

  /** The same for the host program, of which the machine knows nothing. */
  async runFromOutside<T>(body: () => Promise<T>): Promise<T> {
    const thread = this.#thread();
    await this.#acquire(thread);
    return this.#hold(thread, body, false);
  }

  /**
   * Waits for the lock as lock_device_hotplug_sysfs does: a caller who is gone by then leaves (observed-6 §9).
   * @returns what `leave` makes of that.
   */
  async runUnlessGone<T>({ signal }: Caller, leave: () => T, body: () => Promise<T>): Promise<T> {
    const thread = this.#thread();
    if (signal?.aborted === true || !(await this.#acquire(thread, signal))) return leave();
    return this.#hold(thread, async () => (signal?.aborted === true ? leave() : body()));
  }

  #thread(): Thread {
    const thread = this.#scheduler.running;
    if (thread === undefined) throw new Error("memhp bug: only a kernel thread takes the hotplug lock");
    if (this.#holder === thread) throw new Error(`memhp bug: ${thread.name} takes the hotplug lock twice`);
    return thread;
  }

  /** False for who was gone first. */
  async #acquire(thread: Thread, signal?: Caller["signal"]): Promise<boolean> {
    if (this.#holder === undefined) {
      this.#holder = thread;
      return true;
    }
    let leave = (): void => {};
    const waitsFor = (): string => `the hotplug lock, which ${this.#holder?.name ?? "nobody"} holds`;
    await this.#scheduler.wait(waitsFor, (wake) => {
      const waiter = { thread, wake };
      this.#waiters.push(waiter);
      leave = () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        wake();
      };
      signal?.addEventListener("abort", leave);
    });
    signal?.removeEventListener("abort", leave);
    return (this.#holder as Thread | undefined) === thread;
  }

  /** A holder that failed gives the lock back like any other. */
  async #hold<T>(thread: Thread, body: () => Promise<T>, isInside = true): Promise<T> {
    thread.hasHadLock = true;
    try {
      if (isInside) await this.onHold();
      return await body();
    } finally {
      const next = this.#waiters.shift();
      this.#holder = next?.thread;
      next?.wake();
    }
  }
}

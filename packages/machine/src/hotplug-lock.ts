/** device_hotplug_lock: one holder, the others wait in the order in which they came. */
export class HotplugLock {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `body` alone. */
  run<T>(body: () => Promise<T>): Promise<T> {
    // A holder that failed gives the lock back like any other.
    const result = this.#tail.then(body, body);
    this.#tail = result;
    return result;
  }
}

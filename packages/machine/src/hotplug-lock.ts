/** device_hotplug_lock: one holder, the others wait in the order in which they came. */
export class HotplugLock {
  #tail: Promise<void> = Promise.resolve();

  /** Runs `body` alone. */
  run<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(body);
    this.#tail = result.then(
      () => {},
      () => {},
    );
    return result;
  }
}

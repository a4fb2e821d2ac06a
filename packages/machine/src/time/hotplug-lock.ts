/** device_hotplug_lock: one holder, the others wait in the order in which they came. */
export class HotplugLock {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #onRelease = new Set<() => void>();

  /** True where nobody holds it or waits for it. */
  get isFree(): boolean {
    return this.#waiting === 0;
  }

  /** Runs `body` alone. */
  run<T>(body: () => Promise<T>): Promise<T> {
    this.#waiting++;
    // A holder that failed gives the lock back like any other.
    const result = this.#tail.then(body, body).finally(() => this.#release());
    this.#tail = result;
    return result;
  }

  /** Hears of each release before the next holder begins. @returns a function that ends it. */
  onRelease(hear: () => void): () => void {
    this.#onRelease.add(hear);
    return () => this.#onRelease.delete(hear);
  }

  #release(): void {
    for (const hear of this.#onRelease) hear();
    this.#waiting--;
  }
}

/** Who lets simulated time pass for the work of shards. */
export interface Pace {
  /** Up to where somebody lets time pass; Infinity where nobody stops it. */
  readonly horizonNs: number;
  /** Work begins and ends no step at or after this time. */
  readonly untilNs: number;
  /**
   * The work has come to `untilNs`; or, where that is infinite, to where time alone brings it no further.
   * @returns settles when it is worth going on.
   */
  pause(untilNs: number): Promise<void>;
  /** A signal has come, or pages have been freed: what time alone did not help may go on. */
  wake(): void;
  /** A shard is gone for good. */
  fail(reason: Error): void;
}

/** Time passes as fast as the work goes, which is all that anybody waits for. */
export function freePace(): Pace {
  let waiting: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];
  return {
    horizonNs: Number.POSITIVE_INFINITY,
    untilNs: Number.POSITIVE_INFINITY,
    pause: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    wake() {
      for (const { resolve } of waiting.splice(0)) resolve();
    },
    fail(reason) {
      const failed = waiting;
      waiting = [];
      for (const { reject } of failed) reject(reason);
    },
  };
}

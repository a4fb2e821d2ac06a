import type { Caller } from "@memhp/abi";

/** A lock of the caller: the kernel's device_hotplug_lock. */
export interface HotplugLock {
  /** Runs `body` alone. */
  run<T>(body: () => Promise<T>): Promise<T>;
  /** The same for a writer, who leaves where a signal comes before the lock; without it writers wait like everybody. */
  runUnlessGone?<T>(caller: Caller, leave: () => T, body: () => Promise<T>): Promise<T>;
}

/** The kernel's ordered hotplug queue: one piece of work at a time, in the order in which it came, under the lock. */
export interface NotifyQueue {
  /** Pieces of work that wait or run. */
  readonly length: number;
  /** Queues work. @returns what becomes of it, or undefined where the queue is full. */
  schedule<T>(work: () => Promise<T>): Promise<T> | undefined;
  /** Resolves when the queue is empty. Rejects with the first error that work threw since the last call. */
  idle(): Promise<void>;
}

/** How many pieces of work a queue takes, and under which lock they run. */
export interface NotifyQueueOptions {
  readonly lock?: HotplugLock | undefined;
  /** Most pieces of work that wait or run; no limit by default. */
  readonly limit?: number | undefined;
}

/** The kernel's hotplug work queue: one piece of work after another, each under the lock. */
export function createNotifyQueue({ lock, limit = Infinity }: NotifyQueueOptions = {}): NotifyQueue {
  let tail: Promise<unknown> = Promise.resolve();
  let length = 0;
  let error: { readonly cause: unknown } | undefined;

  return {
    get length() {
      return length;
    },
    schedule(work) {
      if (length >= limit) return undefined;
      length += 1;
      const result = tail
        .then(() => (lock === undefined ? work() : lock.run(work)))
        .finally(() => {
          length -= 1;
        });
      tail = result.catch((cause: unknown) => {
        error ??= { cause };
      });
      return result;
    },
    async idle() {
      for (let awaited; awaited !== tail;) {
        awaited = tail;
        await awaited;
      }
      const seen = error;
      error = undefined;
      if (seen !== undefined) throw seen.cause;
    },
  };
}

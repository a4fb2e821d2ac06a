// A worker that closes itself, or that the browser ends, tells nobody: no event comes. What it held as a Web Lock is free
// then, so whoever waits for that lock hears of the end at once. Browsers give locks only to pages from a secure origin (loopback is one).

const LIFE = "memhp:life";

interface LifeSign {
  readonly type: typeof LIFE;
  readonly lock: string;
}

/** In a worker: holds a lock for as long as it lives, and says which. */
export function showLife(): void {
  const lock = `memhp ${crypto.randomUUID()}`;
  void navigator.locks?.request(lock, () => {
    postMessage({ type: LIFE, lock } satisfies LifeSign);
    return new Promise(() => {});
  });
}

/** Settles when a worker has ended, however it did. */
export function endOf(worker: Worker): Promise<void> {
  return new Promise((ended) => {
    worker.addEventListener("message", ({ data }: MessageEvent<Partial<LifeSign> | null>) => {
      if (data?.type !== LIFE || data.lock === undefined) return;
      void navigator.locks.request(data.lock, () => ended());
    });
  });
}

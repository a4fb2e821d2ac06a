/** One side of a comparison: each run is prepared outside the clock. */
export interface Side<T> {
  readonly prepare: () => T;
  readonly run: (prepared: T) => void;
}

/** Milliseconds of the fastest of several runs, by turns, so that both sides see the same machine. */
export function fastest<A, B>(runs: number, engine: Side<A>, bare: Side<B>): { engine: number; bare: number } {
  const best = { engine: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY };
  const time = <T>({ prepare, run }: Side<T>): number => {
    const prepared = prepare();
    const begin = performance.now();
    run(prepared);
    return performance.now() - begin;
  };
  for (let i = 0; i < runs; i++) {
    best.engine = Math.min(best.engine, time(engine));
    best.bare = Math.min(best.bare, time(bare));
  }
  return best;
}

export function nothing(): void {}

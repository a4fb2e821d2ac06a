import { quantileSorted } from "simple-statistics";

/** How numbers are spread. */
export interface Spread {
  /** In the unit of the measure. */
  readonly min: number;
  /** In the unit of the measure. */
  readonly median: number;
  /** In the unit of the measure. */
  readonly max: number;
  /** 95 % interval of the median, of no assumed distribution; absent below six values. */
  readonly interval?: readonly [low: number, high: number];
  /** Nine of ten values lie here. */
  readonly central: readonly [low: number, high: number];
}

/** @param values at least one. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = intervalRank(sorted.length);
  return {
    min: sorted[0] as number,
    median: quantileSorted(sorted, 0.5),
    max: sorted.at(-1) as number,
    ...(rank === undefined ? {} : { interval: [sorted[rank] as number, sorted.at(-1 - rank) as number] as const }),
    central: [quantileSorted(sorted, 0.05), quantileSorted(sorted, 0.95)],
  };
}

/** Largest r such that no more than 2.5 % of samples have r or fewer values below the median: order statistics, binomial(n, 1/2). */
function intervalRank(n: number): number | undefined {
  let logOne = n * Math.log(0.5);
  let below = 0;
  for (let r = 0; r <= n / 2; r++) {
    below += Math.exp(logOne);
    if (below > 0.025) return r === 0 ? undefined : r - 1;
    logOne += Math.log((n - r) / (r + 1));
  }
  return undefined;
}

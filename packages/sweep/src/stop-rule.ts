import { errorFunction } from "simple-statistics";
import type { Measured } from "./measure.ts";
import type { ConfidenceSpec, RuleSpec } from "./sweep-schema.ts";
import type { Sweep } from "./sweep.ts";
import type { RunResult } from "./sweep-runner.ts";

/**
 * Says when a sweep has told enough. It hears of runs in their order, so that where a sweep ends does not depend on which run was
 * carried out first, or where.
 */
export interface StopRule {
  /** Hears of the next run. @returns why that is enough; undefined where it is not. */
  add(result: RunResult): string | undefined;
}

const DEFAULT_LEVEL = 0.95;
/** From here on a mean is spread much as the normal distribution has it. */
const DEFAULT_LEAST_RUNS = 30;

/** The rule of a sweep that has heard of no run. */
export function stopRule(sweep: Sweep): StopRule {
  const { when, confidence } = sweep.document.stop ?? {};
  const rules = [
    ...(when === undefined ? [] : [new Rule(when)]),
    ...(confidence === undefined ? [] : [new Confidence(confidence, sweep.isGrouped ? sweep.combinations : 1)]),
  ];
  return {
    add(result) {
      // Every rule hears of every run.
      const reasons = rules.map((rule) => rule.add(result));
      return reasons.find((reason) => reason !== undefined);
    },
  };
}

/** Why a sweep ended with these runs; undefined where its rule has not said so. */
export function stoppedBy(sweep: Sweep, results: readonly RunResult[]): string | undefined {
  const rule = stopRule(sweep);
  for (const result of results) {
    const reason = rule.add(result);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function measuredIn({ measures }: RunResult, name: string): Measured {
  return measures?.[name] ?? null;
}

/** So many runs have a value that is looked for. */
class Rule implements StopRule {
  readonly #spec: RuleSpec;
  #runs = 0;

  constructor(spec: RuleSpec) {
    this.#spec = spec;
  }

  add(result: RunResult): string | undefined {
    const { measure, runs = 1, ...bound } = this.#spec;
    const value = measuredIn(result, measure);
    const isMet =
      "is" in bound
        ? value === bound.is
        : typeof value === "number" && ("at_least" in bound ? value >= bound.at_least : value <= bound.at_most);
    if (isMet) this.#runs++;
    if (this.#runs < runs) return undefined;
    const word = "is" in bound ? "is" : "at_least" in bound ? "is at least" : "is at most";
    const times = runs === 1 ? "" : `, by which ${runs} runs have it`;
    return `${measure} ${word} ${String(Object.values(bound)[0])} in run ${result.run}${times}`;
  }
}

/** The mean of a measure, or the share of runs that have a value, is known well enough for every combination of parameters. */
class Confidence implements StopRule {
  readonly #spec: ConfidenceSpec;
  readonly #level: number;
  readonly #z: number;
  readonly #groups: readonly Moments[];
  #wide: number;

  constructor(spec: ConfidenceSpec, groups: number) {
    this.#spec = spec;
    this.#level = spec.level ?? DEFAULT_LEVEL;
    this.#z = normalQuantile(this.#level);
    this.#groups = Array.from({ length: groups }, () => new Moments());
    this.#wide = groups;
  }

  add(result: RunResult): string | undefined {
    const { measure, is, half_width: most, least = DEFAULT_LEAST_RUNS } = this.#spec;
    const group = this.#groups[result.run % this.#groups.length];
    const value = measuredIn(result, measure);
    const number = is === undefined ? value : value === null ? null : Number(value === is);
    if (group !== undefined && typeof number === "number") {
      const isNarrow = (): boolean =>
        group.count >= least && (is === undefined ? group.ofMean(this.#z) : group.ofShare(this.#z)) <= most;
      const was = isNarrow();
      group.add(number);
      this.#wide += Number(was) - Number(isNarrow());
    }
    if (this.#wide > 0) return undefined;
    const what = is === undefined ? `the mean of ${measure}` : `the share of runs where ${measure} is ${String(is)}`;
    const of = this.#groups.length === 1 ? "" : ", for each combination of parameters";
    return `${what} is known to within ${most} (${this.#level * 100} %) after run ${result.run}${of}`;
  }
}

/** How many standard deviations to both sides of the mean hold this part of a normal distribution. */
function normalQuantile(part: number): number {
  let [low, high] = [0, 10];
  // Halves until numbers have no middle any more.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (errorFunction(middle / Math.SQRT2) < part) low = middle;
    else high = middle;
  }
  return high;
}

/** Mean and variance of numbers as they come (Welford). */
class Moments {
  count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.count++;
    const before = value - this.#mean;
    this.#mean += before / this.count;
    this.#squares += before * (value - this.#mean);
  }

  /** Half the width of the normal interval of the mean. */
  ofMean(z: number): number {
    return this.count < 2 ? Number.POSITIVE_INFINITY : z * Math.sqrt(this.#squares / (this.count - 1) / this.count);
  }

  /** Half the width of Wilson's interval of a share, of which the mean of zeros and ones is the estimate. */
  ofShare(z: number): number {
    const n = this.count;
    if (n === 0) return Number.POSITIVE_INFINITY;
    return (z / (1 + (z * z) / n)) * Math.sqrt((this.#mean * (1 - this.#mean)) / n + (z * z) / (4 * n * n));
  }
}

import type { Measured } from "./measure.ts";
import type { Parameters } from "./parameter-space.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { stoppedBy } from "./stop-rule.ts";
import type { Sweep } from "./sweep.ts";
import type { RunPoint } from "./sweep.ts";
import type { RunResult } from "./sweep-runner.ts";

/** `format` of a summary. */
export const SUMMARY_FORMAT = "memhp-sweep-summary/1";

/** A measure over several runs: the spread of its numbers, and how often each other value came. */
export interface MeasureSummary {
  readonly numbers?: Spread;
  readonly values?: readonly { readonly value: string | boolean; readonly runs: number }[];
  /** Runs that have no such value. */
  readonly absent: number;
}

/** Runs of the same parameters, by seed. */
export interface GroupSummary {
  readonly parameters: Parameters;
  readonly runs: number;
  /** Runs that came to no end. */
  readonly failed: number;
  readonly measures: Readonly<Record<string, MeasureSummary>>;
}

/** What the runs of a sweep came to, by group. */
export interface SweepSummary {
  readonly format: typeof SUMMARY_FORMAT;
  readonly name: string;
  readonly question?: string;
  readonly runs: number;
  /** Runs that have ended. */
  readonly done: number;
  /** Runs that came to no end. */
  readonly failed: number;
  /** Why it ended before all runs were done, in words; absent where no rule of the file ended it. */
  readonly stopped?: string;
  readonly measures: Readonly<Record<string, MeasureSummary>>;
  /** The first run that has the least and the most of a measure: it can be run again alone. */
  readonly extremes: Readonly<Record<string, { readonly least: RunPoint; readonly most: RunPoint }>>;
  /** In the order of the grid; absent where every run has parameters of its own by chance. */
  readonly groups?: readonly GroupSummary[];
  readonly failures: readonly (RunPoint & { readonly failure: string })[];
}

/** Most failures that a summary tells one by one. */
const MAX_ERRORS = 100;

/** Groups the results of a sweep by their parameters, over seeds. */
export function summarise(sweep: Sweep, results: readonly RunResult[]): SweepSummary {
  const names = sweep.measures.map(({ name }) => name);
  const failed = results.filter(({ failure }) => failure !== undefined);
  const stopped = stoppedBy(sweep, results);
  return {
    format: SUMMARY_FORMAT,
    name: sweep.name,
    ...(sweep.document.question === undefined ? {} : { question: sweep.document.question }),
    runs: sweep.runs,
    done: results.length,
    failed: failed.length,
    ...(stopped === undefined ? {} : { stopped }),
    measures: measuresOf(names, results),
    extremes: extremesOf(names, results),
    ...(sweep.isGrouped ? { groups: groupsOf(sweep, names, results) } : {}),
    failures: failed
      .slice(0, MAX_ERRORS)
      .map(({ run, seed, parameters, failure = "" }) => ({ run, seed, parameters, failure })),
  };
}

function groupsOf(sweep: Sweep, names: readonly string[], results: readonly RunResult[]): GroupSummary[] {
  const groups: RunResult[][] = Array.from({ length: Math.min(sweep.combinations, results.length) }, () => []);
  for (const result of results) groups[result.run % sweep.combinations]?.push(result);
  return groups.map((group) => ({
    parameters: (group[0] as RunResult).parameters,
    runs: group.length,
    failed: group.filter(({ failure }) => failure !== undefined).length,
    measures: measuresOf(names, group),
  }));
}

function measuresOf(names: readonly string[], results: readonly RunResult[]): Readonly<Record<string, MeasureSummary>> {
  return Object.fromEntries(names.map((name) => [name, summaryOf(valuesOf(name, results))]));
}

function valuesOf(name: string, results: readonly RunResult[]): Measured[] {
  return results.flatMap(({ measures }) => (measures === undefined ? [] : [measures[name] ?? null]));
}

function summaryOf(values: readonly Measured[]): MeasureSummary {
  const numbers = values.filter((value) => typeof value === "number");
  const counts = new Map<string | boolean, number>();
  for (const value of values)
    if (typeof value === "string" || typeof value === "boolean") counts.set(value, (counts.get(value) ?? 0) + 1);
  return {
    ...(numbers.length === 0 ? {} : { numbers: spreadOf(numbers) }),
    ...(counts.size === 0 ? {} : { values: [...counts].map(([value, runs]) => ({ value, runs })) }),
    absent: values.filter((value) => value === null).length,
  };
}

function extremesOf(names: readonly string[], results: readonly RunResult[]): SweepSummary["extremes"] {
  return Object.fromEntries(
    names.flatMap((name) => {
      let least: RunResult | undefined;
      let most: RunResult | undefined;
      const of = (result: RunResult): number => result.measures?.[name] as number;
      for (const result of results) {
        if (typeof result.measures?.[name] !== "number") continue;
        if (least === undefined || of(result) < of(least)) least = result;
        if (most === undefined || of(result) > of(most)) most = result;
      }
      return least === undefined || most === undefined ? [] : [[name, { least: pointOf(least), most: pointOf(most) }]];
    }),
  );
}

function pointOf({ run, seed, parameters }: RunResult): RunPoint {
  return { run, seed, parameters };
}

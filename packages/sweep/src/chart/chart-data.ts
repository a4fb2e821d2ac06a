import { groupBy, parseSize } from "@memhp/abi";
import type { Parameters } from "../parameter-space.ts";
import type { RunResult } from "../sweep-runner.ts";
import type { Spread } from "../statistics.ts";
import type { SweepSummary } from "../summary.ts";
import { SweepError } from "../sweep-error.ts";
import { valueText } from "../value-text.ts";

/** A median, and where the runs of the same parameters lie. */
export interface ChartPoint {
  /** The parameter's value, in its own unit. */
  readonly x: number;
  readonly label: string;
  /** Of the measure, in its own unit, as are the ends. */
  readonly median: number;
  /** The least of these runs, in the measure's unit. */
  readonly min: number;
  /** The most of these runs, in the measure's unit. */
  readonly max: number;
}

/** What a picture of a sweep shows, as plain data. */
export type ChartData =
  | {
      readonly kind: "curves";
      readonly measure: string;
      readonly x: string;
      readonly lines: readonly { readonly name: string; readonly points: readonly ChartPoint[] }[];
    }
  | {
      readonly kind: "heatmap";
      readonly measure: string;
      readonly x: string;
      readonly columns: readonly string[];
      /** Medians, one a column; null where no run has one. */
      readonly rows: readonly { readonly name: string; readonly cells: readonly (number | null)[] }[];
    }
  | {
      readonly kind: "distribution";
      readonly measure: string;
      readonly bins: readonly { readonly from: number; readonly to: number; readonly runs: number }[];
    };

/** Kinds of pictures. */
export type ChartKind = ChartData["kind"];

const BINS = 20;

/**
 * The picture that suits a measure: curves over the last parameter of numbers or sizes, a heat map where parameters are words, and
 * where every run has parameters of its own how its values are spread.
 * @param measure by default the first that has numbers. @throws SweepError where there are none.
 * @param kind another that is possible, see `chartKinds`.
 */
export function chartData(
  summary: SweepSummary,
  results: readonly RunResult[],
  measure?: string,
  kind: ChartKind = chartKinds(summary)[0] ?? "distribution",
): ChartData {
  const names = Object.keys(summary.measures);
  if (measure !== undefined && !names.includes(measure))
    throw new SweepError(`measure ${JSON.stringify(measure)} is not known (there are: ${names.join(", ")})`);
  const chosen = measure ?? names.find((name) => summary.measures[name]?.numbers !== undefined);
  const spread = chosen === undefined ? undefined : summary.measures[chosen]?.numbers;
  if (chosen === undefined || spread === undefined)
    throw new SweepError(`measure ${chosen ?? ""}: no run has a number, and so nothing can be drawn`);
  const { groups } = summary;
  if (groups === undefined || kind === "distribution") return distribution(chosen, spread, results);
  const differing = differingIn(groups);
  const axis = kind === "curves" ? differing.findLast((name) => isAxis(groups, name)) : undefined;
  const x = axis ?? differing.at(-1) ?? "";
  const others = differing.filter((name) => name !== x);
  const lines = groupBy(groups, ({ parameters }) =>
    others.map((other) => `${other} ${valueText(parameters[other])}`).join(", "),
  );
  if (axis !== undefined)
    return {
      kind: "curves",
      measure: chosen,
      x,
      lines: [...lines].map(([name, members]) => ({
        name,
        points: members
          .flatMap(({ parameters: { [x]: value }, measures }) => {
            const numbers = measures[chosen]?.numbers;
            if (numbers === undefined) return [];
            const { median, min, max } = numbers;
            return [{ x: numberOf(value) as number, label: valueText(value), median, min, max }];
          })
          .sort((a, b) => a.x - b.x),
      })),
    };
  const columns = valuesOf(groups, x);
  const rows = [...lines].map(([name, members]) => ({
    name,
    cells: columns.map((column) => {
      const member = members.find(({ parameters: { [x]: value } }) => valueText(value) === column);
      return member?.measures[chosen]?.numbers?.median ?? null;
    }),
  }));
  return { kind: "heatmap", measure: chosen, x, columns, rows };
}

/** Which pictures a sweep can have; the one that suits it best first. */
export function chartKinds({ groups }: SweepSummary): readonly ChartKind[] {
  if (groups === undefined || groups.length < 2) return ["distribution"];
  const hasAxis = differingIn(groups).some((name) => isAxis(groups, name));
  return hasAxis ? ["curves", "heatmap", "distribution"] : ["heatmap", "distribution"];
}

/** Parameters with more than one value. */
function differingIn(groups: Groups): string[] {
  return Object.keys(groups[0]?.parameters ?? {}).filter((name) => valuesOf(groups, name).length > 1);
}

function distribution(measure: string, { min: from, max: to }: Spread, results: readonly RunResult[]): ChartData {
  const values = results.flatMap(({ measures }) => {
    const value = measures?.[measure];
    return typeof value === "number" ? [value] : [];
  });
  const width = (to - from) / BINS || 1;
  const bins = Array.from({ length: to === from ? 1 : BINS }, (_, i) => ({
    from: from + i * width,
    to: from + (i + 1) * width,
    runs: 0,
  }));
  for (const value of values) {
    const bin = bins[Math.min(bins.length - 1, Math.floor((value - from) / width))];
    if (bin !== undefined) bin.runs++;
  }
  return { kind: "distribution", measure, bins };
}

type Groups = readonly { readonly parameters: Parameters }[];

function valuesOf(groups: Groups, name: string): string[] {
  return [...new Set(groups.map(({ parameters }) => valueText(parameters[name])))];
}

/** Three numbers or sizes make an axis. */
function isAxis(groups: Groups, name: string): boolean {
  const values = groups.map(({ parameters }) => parameters[name]);
  return values.every((value) => numberOf(value) !== undefined) && valuesOf(groups, name).length > 2;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^\d+(?:\.\d+)?[KMGTP]$/.test(value)) return undefined;
  return parseSize(value);
}

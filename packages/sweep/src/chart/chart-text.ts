import { scaleLinear } from "d3-scale";
import type { ChartData } from "./chart-data.ts";

const BAR = 40;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A picture of a sweep for a terminal: a bar for each median, or for each part of the values. */
export function chartText(chart: ChartData): string {
  const bars = barsOf(chart);
  const most = Math.max(0, ...bars.map(({ value }) => value ?? 0));
  const length = scaleLinear([0, most || 1], [0, BAR]);
  const width = Math.max(0, ...bars.map(({ name }) => name.length));
  const lines = bars.map(({ name, value }) => {
    const bar = value === null ? "-" : `${barOf(Math.max(0, length(value)))} ${rounded(value)}`;
    return `${name.padStart(width)}  ${bar}`;
  });
  return `${chart.measure}\n${lines.join("\n")}\n`;
}

function barsOf(chart: ChartData): { readonly name: string; readonly value: number | null }[] {
  if (chart.kind === "distribution")
    return chart.bins.map(({ from, to, runs }) => ({ name: `${rounded(from)}..${rounded(to)}`, value: runs }));
  if (chart.kind === "curves")
    return chart.lines.flatMap(({ name, points }) =>
      points.map(({ label, median }) => ({ name: named(name, `${chart.x} ${label}`), value: median })),
    );
  return chart.rows.flatMap(({ name, cells }) =>
    cells.map((value, i) => ({ name: named(name, `${chart.x} ${chart.columns[i] ?? ""}`), value })),
  );
}

function named(line: string, at: string): string {
  return line === "" ? at : `${line}, ${at}`;
}

function barOf(length: number): string {
  const eighths = Math.round(length * 8);
  return "█".repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? "");
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

import { stringify } from "csv-stringify/sync";
import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";
import { valueText } from "../value-text.ts";
import { resultColumns } from "./result-columns.ts";

/** Results as CSV with a line of names: run, seed, parameters, measures, failure. */
export function csvText(sweep: Sweep, results: readonly RunResult[]): string {
  const columns = resultColumns(sweep, results);
  const cell = (value: unknown): string => (value === undefined || value === null ? "" : valueText(value));
  const rows = results.map((_, at) => columns.map(({ values }) => cell(values[at])));
  return stringify([columns.map(({ name }) => name), ...rows]);
}

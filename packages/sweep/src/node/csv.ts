import { stringify } from "csv-stringify/sync";
import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";

/** Results as CSV with a line of names: run, seed, parameters, measures, failure. */
export function csvText(sweep: Sweep, results: readonly RunResult[]): string {
  const parameters = Object.keys(sweep.document.parameters);
  const measures = sweep.measures.map(({ name }) => name);
  const rows = results.map((result) => [
    result.run,
    result.seed,
    ...parameters.map((name) => cell(result.parameters[name])),
    ...measures.map((name) => cell(result.measures?.[name])),
    result.failure ?? "",
  ]);
  return stringify([["run", "seed", ...parameters, ...measures, "failure"], ...rows]);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

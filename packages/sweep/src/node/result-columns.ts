import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";

/** A column of a table of results: what each run has there, undefined where it has nothing. */
export interface ResultColumn {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** The columns of a table of results: run, seed, parameters, measures, failure. */
export function resultColumns({ document, measures }: Sweep, results: readonly RunResult[]): readonly ResultColumn[] {
  const column = (name: string, of: (result: RunResult) => unknown): ResultColumn => ({
    name,
    values: results.map(of),
  });
  return [
    column("run", ({ run }) => run),
    column("seed", ({ seed }) => seed),
    ...Object.keys(document.parameters).map((name) => column(name, ({ parameters }) => parameters[name])),
    ...measures.map(({ name }) => column(name, (result) => result.measures?.[name])),
    column("failure", ({ failure }) => failure),
  ];
}

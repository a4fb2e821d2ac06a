import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";

/**
 * Results as Parquet, with the columns of the CSV: run, seed, parameters, measures, failure. A column of numbers alone is one of doubles, of
 * truths alone one of booleans, and anything else one of texts; what a run does not have is null.
 */
export async function parquetBytes(sweep: Sweep, results: readonly RunResult[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const measures = sweep.measures.map(({ name }) => name);
  const columns = [
    column(
      "run",
      results.map(({ run }) => run),
    ),
    column(
      "seed",
      results.map(({ seed }) => seed),
    ),
    ...Object.keys(sweep.document.parameters).map((name) =>
      column(
        name,
        results.map(({ parameters }) => parameters[name]),
      ),
    ),
    ...measures.map((name) =>
      column(
        name,
        results.map((result) => result.measures?.[name]),
      ),
    ),
    { name: "failure", type: "STRING" as const, data: results.map(({ failure }) => failure ?? null), nullable: true },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData: columns }));
}

interface Column {
  readonly name: string;
  readonly type: "DOUBLE" | "BOOLEAN" | "STRING";
  readonly data: unknown[];
  readonly nullable: boolean;
}

function column(name: string, values: readonly unknown[]): Column {
  const data = values.map((value) => value ?? null);
  const present = data.filter((value) => value !== null);
  const areAll = (type: string): boolean => present.length > 0 && present.every((value) => typeof value === type);
  const type = areAll("number") ? "DOUBLE" : areAll("boolean") ? "BOOLEAN" : "STRING";
  return { name, type, data: type === "STRING" ? data.map(text) : data, nullable: true };
}

function text(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

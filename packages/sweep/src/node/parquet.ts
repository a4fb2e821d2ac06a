import type { Sweep } from "../sweep.ts";
import type { RunResult } from "../sweep-runner.ts";
import { valueText } from "../value-text.ts";
import { type ResultColumn, resultColumns } from "./result-columns.ts";

/**
 * Results as Parquet, with the columns of the CSV: run, seed, parameters, measures, failure. A column of numbers alone is one of doubles, of
 * truths alone one of booleans, and anything else one of texts; what a run does not have is null.
 */
export async function parquetBytes(sweep: Sweep, results: readonly RunResult[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  return new Uint8Array(parquetWriteBuffer({ columnData: resultColumns(sweep, results).map(column) }));
}

interface Column {
  readonly name: string;
  readonly type: "DOUBLE" | "BOOLEAN" | "STRING";
  readonly data: unknown[];
  readonly nullable: boolean;
}

function column({ name, values }: ResultColumn): Column {
  const data = values.map((value) => value ?? null);
  const present = data.filter((value) => value !== null);
  const areAll = (type: string): boolean => present.length > 0 && present.every((value) => typeof value === type);
  const type = areAll("number") ? "DOUBLE" : areAll("boolean") ? "BOOLEAN" : "STRING";
  return {
    name,
    type,
    data: type === "STRING" ? data.map((value) => (value === null ? null : valueText(value))) : data,
    nullable: true,
  };
}

/** One measured quantity. */
export interface Measure {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** The largest value that is still good, in the same unit. */
  readonly limit?: number;
}

/** What is asked of a benchmark. */
interface BenchmarkOptions {
  /** How much is done where that can be said: runs of a sweep. */
  readonly size?: number;
}

/** The default export of every `*.bench.ts` file. */
export interface Benchmark {
  readonly name: string;
  run(options: BenchmarkOptions): Promise<readonly Measure[]>;
}

export interface BenchmarkResult {
  readonly name: string;
  readonly measures: readonly Measure[];
}

export function exceedsLimit({ value, limit }: Measure): boolean {
  // A value that is not a number is never good.
  return limit !== undefined && !(value <= limit);
}

/** A table for people: one line per measure, those over their limit marked. */
export function formatTable(results: readonly BenchmarkResult[]): string {
  const rows = results.flatMap(({ name, measures }) =>
    measures.map((measure) => [
      name,
      measure.measure,
      formatValue(measure.value),
      measure.unit,
      measure.limit === undefined ? "" : `at most ${formatValue(measure.limit)}`,
      exceedsLimit(measure) ? "EXCEEDED" : "",
    ]),
  );
  const table = [["benchmark", "measure", "value", "unit", "limit", ""], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const align = (cell: string, column: number) =>
    column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return table.map((row) => row.map(align).join("  ").trimEnd()).join("\n");
}

function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

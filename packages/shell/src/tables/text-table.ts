/** One column of a table for people. */
export interface TextColumn<Row> {
  readonly name: string;
  readonly align: "left" | "right";
  readonly cell: (row: Row) => string;
}

/** Columns two blanks apart, as wide as their widest cell; the last is not filled up. */
export function textTable<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_column, i) => cells.reduce((width, line) => Math.max(width, line[i]?.length ?? 0), 0));
  return cells
    .map((line) =>
      line
        .map((cell, i) => (columns[i]?.align === "right" ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

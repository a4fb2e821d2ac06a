/** A column as libsmartcols, which prints the tables of util-linux, knows it. */
export interface SmartColumn {
  readonly name: string;
  readonly align: "left" | "right";
  /** Wanted width, taken only where the data is at least as wide as the name. */
  readonly widthHint: number;
  readonly json: "string" | "number" | "boolean";
}

/** A cell without data is blank in a table and null in JSON. */
export type Cell = string | undefined;
export type SmartRow = readonly Cell[];

/** Columns beside each other, as wide as their widest cell. */
export function smartTable(columns: readonly SmartColumn[], rows: readonly SmartRow[], headings: boolean): string {
  const widths = columns.map((column, i) =>
    columnWidth(
      column,
      rows.map((row) => row[i]),
    ),
  );
  const line = (cells: SmartRow): string =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? "";
        // The last column is not filled up.
        if (i === columns.length - 1 && (align === "left" || cell === "")) return cell;
        return align === "right" ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
      })
      .join(" ");
  const lines = rows.map(line);
  return [...(headings ? [line(columns.map(({ name }) => name))] : []), ...lines].map((text) => `${text}\n`).join("");
}

function columnWidth({ name, widthHint }: SmartColumn, cells: readonly Cell[]): number {
  const data = cells.reduce((width, cell) => Math.max(width, cell?.length ?? 0), 0);
  if (data < name.length) return name.length;
  return data < widthHint && name.length < widthHint ? widthHint : data;
}

/** `RANGE="…" SIZE="…"` */
export function smartPairs(columns: readonly SmartColumn[], rows: readonly SmartRow[]): string {
  return rows.map((row) => `${columns.map(({ name }, i) => `${name}="${row[i] ?? ""}"`).join(" ")}\n`).join("");
}

/** Cells with one blank between them. */
export function smartRaw(columns: readonly SmartColumn[], rows: readonly SmartRow[], headings: boolean): string {
  const lines = rows.map((row) => columns.map((_column, i) => (row[i] ?? "").replaceAll(" ", "\\x20")).join(" "));
  return [...(headings ? [columns.map(({ name }) => name).join(" ")] : []), ...lines]
    .map((text) => `${text}\n`)
    .join("");
}

/** libsmartcols' own JSON: a column that was asked for twice is there twice. */
export function smartJson(name: string, columns: readonly SmartColumn[], rows: readonly SmartRow[]): string {
  const objects = rows.map((row) => {
    const members = columns.map(
      (column, i) => `         ${JSON.stringify(column.name.toLowerCase())}: ${jsonValue(column, row[i])}`,
    );
    return `{\n${members.join(",\n")}\n      }`;
  });
  return `{\n   ${JSON.stringify(name)}: [\n      ${objects.join(",")}\n   ]\n}\n`;
}

function jsonValue({ json }: SmartColumn, cell: Cell): string {
  if (json === "boolean") return cell === undefined || cell === "" || /^[0Nn]/.test(cell) ? "false" : "true";
  if (cell === undefined) return "null";
  return json === "number" ? cell : JSON.stringify(cell);
}

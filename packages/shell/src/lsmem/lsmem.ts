import { defaultColumns, type LsmemColumn } from "./columns.ts";
import { humanSize } from "./human-size.ts";
import { type MemoryRange, type MemoryView, readMemory, type SysfsFiles } from "./memory-ranges.ts";
import { type Cell, smartJson, smartPairs, smartRaw, smartTable, type SmartColumn } from "./smartcols.ts";

/** The options of lsmem(1). */
export interface LsmemOptions {
  /** A line for each block. */
  readonly all?: boolean;
  readonly bytes?: boolean;
  readonly columns?: readonly LsmemColumn[];
  readonly format?: "table" | "json" | "pairs" | "raw";
  readonly noHeadings?: boolean;
  /** Columns in which the blocks of a line agree; the shown ones where absent. */
  readonly split?: readonly LsmemColumn[];
  /** Sums below the table; without a word, only a table has them. */
  readonly summary?: "never" | "always" | "only";
}

/**
 * What util-linux 2.38.1's lsmem prints for the memory blocks of a sysfs tree, byte for byte.
 * @throws NoMemoryBlocks
 */
export function lsmem(files: SysfsFiles, options: LsmemOptions = {}): string {
  const {
    all = false,
    bytes = false,
    columns = defaultColumns,
    format = "table",
    noHeadings = false,
    split = columns,
  } = options;
  const memory = readMemory(files, all ? undefined : new Set(split));
  const summary = options.summary ?? (format === "table" ? "always" : "never");
  const size = (count: number): string => (bytes ? String(count) : humanSize(count));
  const parts: string[] = [];
  if (summary !== "only") {
    const smart = columns.map((column) => smartColumn(column, bytes));
    const rows = memory.ranges.map((range) => columns.map((column) => cellOf(column, range, memory, size)));
    parts.push(
      format === "json"
        ? smartJson("memory", smart, rows)
        : format === "pairs"
          ? smartPairs(smart, rows)
          : format === "raw"
            ? smartRaw(smart, rows, !noHeadings)
            : smartTable(smart, rows, !noHeadings),
    );
  }
  if (summary !== "never") parts.push(summaryOf(memory, bytes, size));
  return parts.join("\n");
}

function smartColumn(name: LsmemColumn, bytes: boolean): SmartColumn {
  const isNumber = name === "NODE" || (name === "SIZE" && bytes);
  return {
    name,
    align: name === "RANGE" ? "left" : "right",
    widthHint: name === "SIZE" ? 5 : 0,
    json: name === "REMOVABLE" ? "boolean" : isNumber ? "number" : "string",
  };
}

function cellOf(column: LsmemColumn, range: MemoryRange, memory: MemoryView, size: (bytes: number) => string): Cell {
  const { firstBlock, count, state, removable, node, zones } = range;
  const { blockSizeBytes } = memory;
  const address = (bytes: number): string => `0x${bytes.toString(16).padStart(16, "0")}`;
  const cells: Readonly<Record<LsmemColumn, () => Cell>> = {
    RANGE: () => `${address(firstBlock * blockSizeBytes)}-${address((firstBlock + count) * blockSizeBytes - 1)}`,
    SIZE: () => size(count * blockSizeBytes),
    STATE: () => state,
    REMOVABLE: () => (state === "online" ? (removable ? "yes" : "no") : undefined),
    BLOCK: () => (count === 1 ? String(firstBlock) : `${firstBlock}-${firstBlock + count - 1}`),
    NODE: () => (memory.hasNodes ? String(node) : undefined),
    ZONES: () => (memory.hasZones ? zones.join("/") : undefined),
  };
  return cells[column]();
}

function summaryOf(
  { blockSizeBytes, onlineBytes, offlineBytes }: MemoryView,
  bytes: boolean,
  size: (bytes: number) => string,
): string {
  const line = (label: string, count: number): string =>
    `${label.padEnd(23)} ${size(count).padStart(bytes ? 15 : 5)}\n`;
  return [
    line("Memory block size:", blockSizeBytes),
    line("Total online memory:", onlineBytes),
    line("Total offline memory:", offlineBytes),
  ].join("");
}

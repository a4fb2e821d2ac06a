import { formatNumberList, formatSize } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { textTable } from "./text-table.ts";

/** A memory block as its files and the machine's slots tell of it. */
export interface BlockRow {
  readonly block: number;
  readonly state: string;
  /** Words of `valid_zones`: for an online block the zone that it is in. */
  readonly valid_zones: readonly string[];
  readonly nodes: readonly number[];
  readonly removable: boolean;
  /** Physical address of its first byte. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** The DIMM that the block lies on, or the memory in a container. */
  readonly dimm: string | null;
}

const MEMORY = "/sys/devices/system/memory";

/** Every memory block of a machine, by number. */
export function blockRows(machine: Machine): BlockRow[] {
  const { files, board } = machine;
  const { blockSizeBytes } = board;
  const dimms = machine.pluggedMemory();
  return [...machine.blockDevices()].map((block) => {
    const read = (name: string): string => {
      const result = files.read(`${MEMORY}/memory${block}/${name}`);
      return result.ok ? result.value.trim() : "";
    };
    const entries = files.list(`${MEMORY}/memory${block}`);
    const links = entries.ok ? entries.value : [];
    const start = block * blockSizeBytes;
    const dimm = dimms.find(({ addr, sizeBytes }) => addr < start + blockSizeBytes && start < addr + sizeBytes);
    return {
      block,
      state: read("state"),
      valid_zones: read("valid_zones")
        .split(" ")
        .filter((word) => word !== ""),
      nodes: links.flatMap((name) => (/^node\d+$/.test(name) ? [Number(name.slice(4))] : [])).sort((a, b) => a - b),
      removable: read("removable") === "1",
      start,
      size: blockSizeBytes,
      dimm: dimm?.id ?? null,
    };
  });
}

/** Blocks that stand in one line because they are alike. */
interface BlockRange extends BlockRow {
  readonly last: number;
}

/** A table, neighbours that are alike in one line unless `all`. */
export function blocksTable(rows: readonly BlockRow[], all: boolean): string {
  const hex = (value: number): string => `0x${value.toString(16).padStart(10, "0")}`;
  return textTable<BlockRange>(
    [
      { name: "BLOCKS", align: "right", cell: ({ block, last }) => (block === last ? `${block}` : `${block}-${last}`) },
      {
        name: "RANGE",
        align: "left",
        cell: ({ block, last, start, size }) => `${hex(start)}-${hex(start + size * (last - block + 1) - 1)}`,
      },
      { name: "SIZE", align: "right", cell: ({ block, last, size }) => formatSize(size * (last - block + 1)) },
      { name: "STATE", align: "left", cell: ({ state }) => state },
      { name: "VALID ZONES", align: "left", cell: ({ valid_zones }) => valid_zones.join(" ") },
      { name: "NODE", align: "right", cell: ({ nodes }) => formatNumberList(nodes) },
      { name: "REMOVABLE", align: "left", cell: ({ removable }) => (removable ? "yes" : "no") },
      { name: "DIMM", align: "left", cell: ({ dimm }) => dimm ?? "" },
    ],
    rangesOf(rows, all),
  );
}

function rangesOf(rows: readonly BlockRow[], all: boolean): BlockRange[] {
  const ranges: BlockRange[] = [];
  for (const row of rows) {
    const before = ranges.at(-1);
    if (!all && before !== undefined && before.last + 1 === row.block && likeness(before) === likeness(row)) {
      ranges[ranges.length - 1] = { ...before, last: row.block };
    } else {
      ranges.push({ ...row, last: row.block });
    }
  }
  return ranges;
}

function likeness({ state, valid_zones, nodes, removable, dimm }: BlockRow): string {
  return JSON.stringify([state, valid_zones, nodes, removable, dimm]);
}

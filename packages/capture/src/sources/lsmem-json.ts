import { ParseError, parseNumberList } from "@memhp/abi";
import type { LayoutBlock, MemoryLayout } from "./memory-layout.ts";

const ASK = "ask with lsmem -J -o RANGE,STATE,REMOVABLE,BLOCK,NODE,ZONES";
/** 128 TiB in blocks of 128 MiB. */
const MOST_BLOCKS = 2 ** 20;

/** Whether a text is what `lsmem -J` prints. */
export function isLsmemJson(text: string): boolean {
  return /^\s*\{\s*"memory"\s*:\s*\[/.test(text);
}

/** Reads what `lsmem -J` printed; columns that a machine needs must be among it. @throws ParseError */
export function parseLsmemJson(text: string, name: string): MemoryLayout {
  const rows = rowsOf(text);
  const blocks: LayoutBlock[] = [];
  let blockSize: number | undefined;
  for (const [at, row] of rows.entries()) {
    const where = `memory[${at}]`;
    const field = (column: string): string => {
      const value = row[column];
      if ((typeof value !== "string" && typeof value !== "number") || value === "")
        throw new ParseError(`${where}: ${column} is missing; ${ASK}`);
      return `${value}`;
    };
    const ids = numbers(field("block"), where);
    const [start, end] = rangeOf(field("range"), where);
    const size = (end - start) / ids.length;
    if (!Number.isInteger(Math.log2(size)) || (blockSize ?? size) !== size || start !== (ids[0] as number) * size)
      throw new ParseError(`${where}: range ${field("range")} and block ${field("block")} do not fit each other`);
    blockSize = size;
    const state = field("state");
    if (state !== "online" && state !== "offline")
      throw new ParseError(
        `${where}: state ${JSON.stringify(state)} (allowed: online, offline); ask again when it is one`,
      );
    const zones = field("zones");
    if (/unknown/i.test(zones)) throw new ParseError(`${where}: zones ${zones}: this lsmem does not know the zone`);
    const node = Number(field("node"));
    if (!Number.isInteger(node) || node < 0) throw new ParseError(`${where}: node ${field("node")} is no number`);
    // A host whose kernel does not look says 1 of every block (since 5.8).
    const isHeld = state === "online" && ["false", "no", "0"].includes(String(row["removable"]));
    const validZones = zones.split("/").map((word) => (/^none$/i.test(word) ? "none" : word));
    if (blocks.length + ids.length > MOST_BLOCKS) throw new ParseError(`${where}: more than ${MOST_BLOCKS} blocks`);
    for (const block of ids) blocks.push({ block, state, validZones, node, isHeld });
  }
  const repeated = new Set(blocks.map(({ block }) => block)).size !== blocks.length;
  if (repeated) throw new ParseError("a block stands in two rows");
  if (blockSize === undefined) throw new ParseError("memory: no block in it");
  return {
    name,
    blockSize,
    blocks,
    notes: ["lsmem does not tell: the kernel's version, processors, distances, holes, DIMMs."],
  };
}

function rowsOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new ParseError(`is no JSON: ${(error as Error).message}`);
  }
  const { memory } = raw as { memory: unknown };
  if (!Array.isArray(memory)) throw new ParseError("memory: expected a list");
  return memory.map((row: unknown, at) => {
    if (typeof row !== "object" || row === null) throw new ParseError(`memory[${at}]: expected an object`);
    return row as Record<string, unknown>;
  });
}

function numbers(text: string, where: string): number[] {
  if (!/^\d{1,8}(-\d{1,8})?$/.test(text)) throw new ParseError(`${where}: block ${text} is no number and no range`);
  const [first = 0, last = first] = text.split("-").map(Number);
  if (last - first >= MOST_BLOCKS) throw new ParseError(`${where}: more than ${MOST_BLOCKS} blocks`);
  return parseNumberList(text);
}

/** Bytes; the end is not included. */
function rangeOf(text: string, where: string): [start: number, end: number] {
  const match = /^0x(0*[0-9a-f]{1,13})-0x(0*[0-9a-f]{1,13})$/i.exec(text);
  if (match === null) throw new ParseError(`${where}: range ${text} is no 0xSTART-0xEND`);
  return [Number.parseInt(match[1] as string, 16), Number.parseInt(match[2] as string, 16) + 1];
}

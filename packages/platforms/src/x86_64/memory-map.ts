import { alignUp, GIB, TIB } from "@memhp/abi";
import type { BoardMemory, ByteRange, FirmwareEntry } from "../platform.ts";
import { type Board, type BoardName, boards } from "./boards.ts";

const LOW_HOLE_START = 0x9fc00;
const LOW_HOLE_END = 0x100000;
const FOUR_GIB = 4 * GIB;
const HYPERTRANSPORT_START = 0xfd00000000;
/** ACPI tables at the end of low RAM (observed-4.1: low RAM ends at ..ffe0 pfn). */
const ACPI_TABLES = 0x20000;

function boardOf({ board }: BoardMemory): Board {
  const found = Object.hasOwn(boards, board) ? boards[board as BoardName] : undefined;
  if (found === undefined)
    throw new RangeError(`unknown board ${JSON.stringify(board)} (known: ${Object.keys(boards).join(", ")})`);
  return found;
}

/** RAM as the machine says it, joined where it meets; empty where the board decides. */
function saidRam({ nodes = [] }: BoardMemory): ByteRange[] {
  const said = nodes.flatMap(({ ranges = [] }) => ranges).sort((a, b) => a.start - b.start);
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of said) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
}

/** End of RAM below 4 GiB. */
function lowMemoryEnd(memory: BoardMemory): number {
  const said = saidRam(memory).findLast(({ start }) => start < FOUR_GIB);
  if (said !== undefined) return Math.min(said.end, FOUR_GIB);
  const { splitsFrom, lowEnd } = boardOf(memory);
  return memory.memoryBytes >= splitsFrom ? lowEnd : memory.memoryBytes;
}

export function bootMemory(memory: BoardMemory): ByteRange[] {
  const said = saidRam(memory);
  if (said.length > 0) return said;
  const low = lowMemoryEnd(memory);
  const ranges = [{ start: 0, end: low }];
  if (memory.memoryBytes > low) ranges.push({ start: FOUR_GIB, end: FOUR_GIB + memory.memoryBytes - low });
  return ranges;
}

/** Usable ranges of the e820 map, as the boot logs of the traces print it. */
export function firmwareRam(memory: BoardMemory): FirmwareEntry[] {
  const tables = lowMemoryEnd(memory) - ACPI_TABLES;
  const usable = bootMemory(memory).flatMap(({ start, end }) => [
    ...(start === 0 ? [{ start, end: LOW_HOLE_START }] : []),
    { start: start === 0 ? LOW_HOLE_END : start, end: end - ACPI_TABLES === tables ? tables : end },
  ]);
  return usable.map((range) => ({ ...range, type: "System RAM" }));
}

/** Reserved ranges of the e820 map. */
export function firmwareReserved(memory: BoardMemory, endOfMemory: number): FirmwareEntry[] {
  const low = lowMemoryEnd(memory);
  const kept: ByteRange[] = [
    { start: LOW_HOLE_START, end: 0xa0000 },
    { start: 0xf0000, end: LOW_HOLE_END },
    { start: low - ACPI_TABLES, end: low },
    ...boardOf(memory).reserved,
    { start: 0xfffc0000, end: FOUR_GIB },
  ];
  // The HyperTransport hole below 1 TiB, on machines that end below it.
  if (endOfMemory <= HYPERTRANSPORT_START) kept.push({ start: HYPERTRANSPORT_START, end: TIB });
  return kept.map((range) => ({ ...range, type: "Reserved" }));
}

export function pciWindow(memory: BoardMemory): ByteRange {
  return { start: boardOf(memory).pciStart ?? lowMemoryEnd(memory), end: 0xfec00000 };
}

/** Above boot memory, on a 1 GiB boundary. */
export function deviceMemoryStart(memory: BoardMemory): number {
  const said = saidRam(memory).at(-1)?.end;
  if (said !== undefined) return alignUp(Math.max(FOUR_GIB, said), GIB);
  return alignUp(FOUR_GIB + Math.max(0, memory.memoryBytes - lowMemoryEnd(memory)), GIB);
}

/** 40 bits, as QEMU's processors of the traces have (observed-4.1 §7, observed-6 §10), or as many as the board's memory needs. */
export function physicalLimit(endOfMemory: number): number {
  return Math.max(TIB, 2 ** Math.ceil(Math.log2(endOfMemory)));
}

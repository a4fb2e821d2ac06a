import { humanSize } from "../lsmem/human-size.ts";

/** What chmem(1) is told to change: so many blocks, or those of a range. */
export type ChmemGoal =
  | { readonly kind: "size"; readonly blocks: number }
  | { readonly kind: "range"; readonly first: number; readonly last: number };

/** Something that chmem(1) says before it ends with 1. */
export class ChmemError extends Error {
  override readonly name = "ChmemError";
}

const MIB = 2 ** 20;
const units: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** Reads SIZE, an address range, or with `-b` a block or a range of them. @throws ChmemError */
export function parseChmemParameter(text: string, useBlocks: boolean, blockSizeBytes: number): ChmemGoal {
  const parts = text.split("-").filter((part) => part !== "");
  const [start = "", end] = parts;
  if (parts.length > 2) throw new ChmemError(`Invalid parameter: ${text}`);
  if (end === undefined && !useBlocks) return { kind: "size", blocks: sizeBlocks(start, blockSizeBytes) };
  const goal = useBlocks
    ? { first: blockNumber(start), last: blockNumber(end ?? start) }
    : addressRange(start, end ?? start, blockSizeBytes);
  if (goal.first > goal.last) throw new ChmemError(`Invalid range: ${text}`);
  return { kind: "range", ...goal };
}

/** A number without a unit is MiB. */
function sizeBlocks(text: string, blockSizeBytes: number): number {
  const [, digits, unit, binary] = /^(\d+(?:\.\d+)?)(?:([KMGTPE])(iB|B)?)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new ChmemError(`Failed to parse size: '${text}'`);
  const base = binary === "B" ? 1000 : 1024;
  const size = Number(digits) * (unit === undefined ? MIB : base ** (units[unit.toUpperCase()] ?? 0));
  if (size % blockSizeBytes !== 0)
    throw new ChmemError(`Size must be aligned to memory block size (${humanSize(blockSizeBytes)})`);
  return size / blockSizeBytes;
}

function blockNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new ChmemError(`Failed to parse block number: '${text}'`);
  return Number(text);
}

function addressRange(start: string, end: string, blockSizeBytes: number): { first: number; last: number } {
  for (const [name, text] of [
    ["start", start],
    ["end", end],
  ] as const)
    if (text[1] !== "x") throw new ChmemError(`Invalid ${name} address format: ${text}`);
  const [from, to] = [address("start", start), address("end", end)];
  const blockSize = BigInt(blockSizeBytes);
  if (from % blockSize !== 0n || (to + 1n) % blockSize !== 0n) {
    const size = humanSize(blockSizeBytes);
    throw new ChmemError(`Start address and (end address + 1) must be aligned to memory block size (${size})`);
  }
  return { first: Number(from / blockSize), last: Number(to / blockSize) };
}

function address(name: string, text: string): bigint {
  if (!/^0x[\da-f]+$/i.test(text)) throw new ChmemError(`Failed to parse ${name} address: '${text}'`);
  return BigInt(text);
}

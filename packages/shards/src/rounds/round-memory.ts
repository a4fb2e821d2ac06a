import { Barrier, BARRIER_WORDS } from "./barrier.ts";

/** Numbers that one shard may tell in a round: some thousand nodes with their requests. What takes more is told to the machine. */
const PART_NUMBERS = 2 ** 17;
const BYTES = 8;

/** Memory that all shards of a machine share, and the place in it of the one that gets this. It crosses to workers. */
export interface RoundMemory {
  readonly buffer: SharedArrayBuffer;
  /** Number of the shard, from 0. */
  readonly shard: number;
  /** How many shards the machine has. */
  readonly shards: number;
}

/**
 * Memory for the shards of one machine, each with its place. Undefined where threads cannot share any.
 * @param shards how many there are.
 */
export function roundMemory(shards: number): RoundMemory[] | undefined {
  if (typeof SharedArrayBuffer === "undefined") return undefined;
  // Two parts each: one is still read while the next is written. What nobody writes takes no memory.
  const buffer = new SharedArrayBuffer(BARRIER_WORDS * BYTES + 2 * shards * PART_NUMBERS * BYTES);
  return Array.from({ length: shards }, (_, shard) => ({ buffer, shard, shards }));
}

export function barrierOf({ buffer, shards }: Omit<RoundMemory, "shard">): Barrier {
  return new Barrier(new Int32Array(buffer, 0, BARRIER_WORDS), shards);
}

/** What a shard tells in rounds of even (0) or odd (1) number. */
export function partNumbers(
  { buffer, shards }: Omit<RoundMemory, "shard">,
  shard: number,
  parity: number,
): Float64Array {
  return new Float64Array(buffer, (BARRIER_WORDS + (parity * shards + shard) * PART_NUMBERS) * BYTES, PART_NUMBERS);
}

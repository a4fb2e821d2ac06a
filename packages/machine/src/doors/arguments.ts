import { callable, type Caller, knownKeys, listOf, record, text, wholeNumber } from "@memhp/abi";
import type { MemoryRange } from "@memhp/acpi";
import type { MemoryMap } from "@memhp/engine";

/** More blocks than 64 TiB of the smallest ones: a longer list is a mistake. */
const MOST_BLOCKS = 2 ** 19;
/** Every address that 64 bits can tell; the kernel itself refuses those that it cannot map. */
const MOST_ADDRESS = 2 ** 64;
/** What the kernel's `int` holds. */
const INT = { least: -(2 ** 31), most: 2 ** 31 - 1 };

/** A block need not exist: the kernel answers ENODEV. @throws RangeError, TypeError */
export function checkBlock(place: string, block: unknown): void {
  wholeNumber(place, block);
}

function isBlock(block: unknown): boolean {
  return Number.isSafeInteger(block) && (block as number) >= 0;
}

/** @throws RangeError, TypeError */
export function checkBlocks(place: string, blocks: unknown): void {
  // Their places are worth a text only where one of them is wrong.
  const areSound = Array.isArray(blocks) && blocks.length <= MOST_BLOCKS && blocks.every(isBlock);
  if (!areSound) listOf(place, blocks, checkBlock, MOST_BLOCKS);
}

/** For what the kernel knows no refusal: the blocks must exist. @throws RangeError */
export function checkPresent(place: string, blocks: readonly number[], { blocks: rows }: MemoryMap): void {
  const absent = blocks.findIndex((block) => !rows.has(block));
  if (absent < 0) return;
  throw new RangeError(`${place}[${absent}]: expected a block that exists, found ${blocks[absent]}`);
}

/** @throws RangeError, TypeError */
export function checkAddress(place: string, address: unknown): void {
  wholeNumber(place, address, { most: MOST_ADDRESS });
}

/** @throws RangeError, TypeError */
export function checkRange(place: string, range: unknown): asserts range is MemoryRange {
  record(place, range);
  wholeNumber(`${place}.start`, range["start"], { most: MOST_ADDRESS, unit: "bytes" });
  wholeNumber(`${place}.size`, range["size"], { most: MOST_ADDRESS, unit: "bytes" });
}

/** @throws RangeError, TypeError */
export function checkInt(place: string, value: unknown): void {
  wholeNumber(place, value, INT);
}

const CALLER: readonly (keyof Caller)[] = ["name", "signalAtNs", "signal"];

/** @throws RangeError, TypeError */
export function checkCaller(place: string, caller: unknown): asserts caller is Caller {
  record(place, caller);
  knownKeys(place, caller, CALLER);
  const { name, signalAtNs, signal } = caller;
  if (name !== undefined) text(`${place}.name`, name);
  // Infinity: nobody ever sends one.
  if (signalAtNs !== undefined && signalAtNs !== Number.POSITIVE_INFINITY)
    wholeNumber(`${place}.signalAtNs`, signalAtNs, { unit: "nanoseconds" });
  if (signal === undefined) return;
  if (!(signal instanceof Object)) record(`${place}.signal`, signal);
  const { addEventListener, removeEventListener } = signal as Record<string, unknown>;
  callable(`${place}.signal.addEventListener`, addEventListener);
  callable(`${place}.signal.removeEventListener`, removeEventListener);
}

/** @throws RangeError, TypeError */
export function checkWrite(door: string, path: unknown, data: unknown, caller: unknown): void {
  text(`${door}: path`, path);
  text(`${door}: data`, data);
  checkCaller(`${door}: caller`, caller);
}

/** @throws RangeError, TypeError */
export function checkRead(door: string, path: unknown, offset: unknown, length: unknown): void {
  text(`${door}: path`, path);
  wholeNumber(`${door}: offset`, offset, { unit: "bytes" });
  wholeNumber(`${door}: length`, length, { unit: "bytes" });
}

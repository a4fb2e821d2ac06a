import { alignUp, GIB, memparse, MIB } from "@memhp/abi";
import type { ByteRange } from "@memhp/platforms";

/** CRASH_ALIGN. */
const ALIGN = 16 * MIB;
const FOUR_GIB = 4 * GIB;
/** DEFAULT_CRASH_KERNEL_LOW_SIZE: what a crash kernel above 4 GiB has below it, for devices. */
const LOW_BYTES = 256 * MIB;

/** What `crashkernel=` asks for; bytes. */
interface Wish {
  readonly size: number;
  readonly base?: number;
  readonly high: boolean;
  /** `crashkernel=SIZE,low`. */
  readonly lowBytes?: number;
}

/**
 * Reads `crashkernel=`: `256M`, `256M@64M`, `512M,high`, or by the amount of RAM: `1G-4G:160M,4G-:256M` (kernel/crash_core.c).
 * Undefined for anything else, and where the machine has no RAM of any range.
 */
export function readCrashkernel(text: string, ramBytes: number): Wish | undefined {
  if (text.includes(":")) return byRam(text, ramBytes);
  const [, sizeText = "", base, high] = /^([^@,]+)(?:@(.+)|,(high))?$/.exec(text) ?? [];
  return wish(memparse(sizeText), base, high === "high");
}

function wish(size: number | undefined, baseText: string | undefined, high: boolean): Wish | undefined {
  const base = baseText === undefined ? undefined : memparse(baseText);
  if (size === undefined || size === 0 || (baseText !== undefined && base === undefined)) return undefined;
  return { size, high, ...(base === undefined ? {} : { base }) };
}

function byRam(text: string, ramBytes: number): Wish | undefined {
  const [ranges = "", base] = text.split("@");
  for (const range of ranges.split(",")) {
    const [, from = "", to = "", size = ""] = /^([^-]+)-([^:]*):(.+)$/.exec(range) ?? [];
    const begin = memparse(from);
    const end = to === "" ? Number.POSITIVE_INFINITY : memparse(to);
    if (begin === undefined || end === undefined) return undefined;
    if (ramBytes >= begin && ramBytes < end) return wish(memparse(size), base, false);
  }
  return undefined;
}

/**
 * Where the memory of a crash kernel lies: the highest place that is free (memblock allocates from the top), below 4 GiB if there is room,
 * below 896 MiB on 4.1 (arch/x86/kernel/setup.c reserve_crashkernel; kernel/crash_reserve.c). Empty where there is no place.
 * @param free RAM that nobody has yet; bytes, ascending. @param lowEnd where "low" ends.
 */
export function crashRanges(asked: Wish, free: readonly ByteRange[], lowEnd: number, fallsBack: boolean): ByteRange[] {
  const { size, base, high, lowBytes = LOW_BYTES } = asked;
  if (base !== undefined) {
    const isFree = free.some(({ start, end }) => start <= base && base + size <= end);
    return isFree ? [{ start: base, end: base + size }] : [];
  }
  const low = { start: 0, end: lowEnd };
  const above = { start: fallsBack ? FOUR_GIB : 0, end: Number.MAX_SAFE_INTEGER };
  const order = high ? [above, ...(fallsBack ? [low] : [])] : [low, ...(fallsBack ? [above] : [])];
  for (const limits of order) {
    const found = highest(free, size, limits);
    if (found === undefined) continue;
    if (found.start < FOUR_GIB) return [found];
    if (lowBytes === 0) return [found];
    const below = highest(free, lowBytes, { start: 0, end: FOUR_GIB });
    return below === undefined ? [] : [below, found];
  }
  return [];
}

function highest(free: readonly ByteRange[], size: number, limits: ByteRange): ByteRange | undefined {
  for (const range of free.toReversed()) {
    const end = Math.min(range.end, limits.end);
    const start = Math.floor((end - size) / ALIGN) * ALIGN;
    if (start >= alignUp(Math.max(range.start, limits.start), ALIGN)) return { start, end: start + size };
  }
  return undefined;
}

/** Whether `crashkernel=` is written as the kernel reads it. */
export function isCrashkernel(text: string): boolean {
  const low = /^(.+),low$/.exec(text)?.[1];
  if (low !== undefined) return memparse(low) !== undefined;
  if (!text.includes(":")) return readCrashkernel(text, 0) !== undefined;
  return /^([^-,:@]+-[^-,:@]*:[^-,:@]+)(,[^-,:@]+-[^-,:@]*:[^-,:@]+)*(@[^@]+)?$/.test(text);
}

/** Page frame numbers, sizes and their parsing. Addresses and sizes are bytes held exactly in a double (below 2^53). */

export const KIB = 1024;
/** Bytes of a mebibyte. */
export const MIB: number = 1024 * KIB;
/** Bytes of a gibibyte. */
export const GIB: number = 1024 * MIB;
/** Bytes of a tebibyte. */
export const TIB: number = 1024 * GIB;

/** KiB of a base page, where no platform says otherwise: all recorded kernels have pages of 4 KiB. */
export const PAGE_KB = 4;

/** sizeof(struct page) on every 64-bit kernel, in bytes (facts §5.3). */
export const STRUCT_PAGE_BYTES = 64;

/**
 * Whether a number, of any unit, is a power of two.
 * @param value of any unit
 */
export function isPowerOfTwo(value: number): boolean {
  return value > 0 && 2 ** Math.round(Math.log2(value)) === value;
}
/** The smallest multiple of `alignment` that is not below `value`, in the unit of both. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
/** The largest multiple of `alignment` that is not above `value`, in the unit of both. */
export function alignDown(value: number, alignment: number): number {
  return Math.floor(value / alignment) * alignment;
}
/** Whether `value` is a multiple of `alignment`, in the unit of both. */
export function isAligned(value: number, alignment: number): boolean {
  return value % alignment === 0;
}

/** A half-open range of page frames. */
export interface PfnRange {
  readonly startPfn: number;
  readonly endPfn: number;
}
/** Whether two ranges of pages have a page in common. */
export function overlaps(a: PfnRange, b: PfnRange): boolean {
  return a.startPfn < b.endPfn && b.startPfn < a.endPfn;
}

const suffixes: Readonly<Record<string, number>> = { K: KIB, M: MIB, G: GIB, T: TIB, P: 1024 * TIB };

/** What was wrong with a size or a list of blocks, and what is allowed. */
export class ParseError extends Error {
  override readonly name = "ParseError";
}

/**
 * Reads a size as memhp and QEMU write it: `128M`, `2G`, `4096`, `1.5G`.
 * @param defaultUnit bytes meant by a bare number (QEMU's `-m` and `size=` take bytes, its `-numa mem=` MiB).
 * @throws ParseError if the text is no size or no whole number of bytes.
 */
export function parseSize(text: string | number, defaultUnit = 1): number {
  if (typeof text === "number") {
    if (!Number.isSafeInteger(text) || text < 0) throw new ParseError(`bad size: ${text} (a whole number of bytes)`);
    return text;
  }
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:([KMGTP])(?:i?B)?|(B))?\s*$/i.exec(text);
  if (match === null) throw new ParseError(`bad size: ${JSON.stringify(text)} (write 128M, 2G or a number of bytes)`);
  const suffix = match[2]?.toUpperCase();
  const unit = suffix !== undefined ? (suffixes[suffix] ?? 1) : match[3] === undefined ? defaultUnit : 1;
  const bytes = Number(match[1]) * unit;
  if (!Number.isSafeInteger(bytes))
    throw new ParseError(`bad size: ${JSON.stringify(text)} is no whole number of bytes below 2^53`);
  return bytes;
}

/** `128M`, `2G`: the largest suffix that divides exactly. */
export function formatSize(bytes: number): string {
  for (const [suffix, unit] of [
    ["T", TIB],
    ["G", GIB],
    ["M", MIB],
    ["K", KIB],
  ] as const) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${suffix}`;
  }
  return String(bytes);
}

/**
 * The kernel's memparse() of a boot option: digits with base prefix, then one of KMGTPE.
 * Returns undefined where no digit was found (facts/kernel.md §8).
 */
export function memparse(text: string): number | undefined {
  const match = /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)([KMGTPE]?)/i.exec(text);
  if (match === null) return undefined;
  const digits = match[1] ?? "0";
  const base = /^0x/i.test(digits) ? 16 : digits.startsWith("0") && digits.length > 1 ? 8 : 10;
  const value = Number.parseInt(base === 16 ? digits.slice(2) : digits, base);
  const exponent = ["", "K", "M", "G", "T", "P", "E"].indexOf((match[2] ?? "").toUpperCase());
  return value * 1024 ** exponent;
}

/** Longest list that memhp accepts: more ids than any machine has blocks. */
const MAX_LIST = 1 << 24;

/**
 * Reads a list as cpulist and memhp write it: `32-39,41`.
 * @returns ascending numbers without doubles.
 * @throws ParseError
 */
export function parseNumberList(text: string): number[] {
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    if (match === null)
      throw new ParseError(`bad list: ${JSON.stringify(text)} at ${JSON.stringify(part)} (write 32-39,41)`);
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (!Number.isSafeInteger(last) || !Number.isSafeInteger(first))
      throw new ParseError(`bad list: ${JSON.stringify(text)}: ${part.trim()} is above 2^53`);
    if (last < first) throw new ParseError(`bad list: ${JSON.stringify(text)}: ${last} is before ${first}`);
    if (last - first >= MAX_LIST)
      throw new ParseError(`bad list: ${JSON.stringify(text)} names more than ${MAX_LIST} numbers`);
    for (let n = first; n <= last; n++) numbers.add(n);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The kernel's `%*pbl`: `0-1,3`, and nothing for an empty set. */
export function formatNumberList(numbers: Iterable<number>): string {
  const given = [...numbers];
  // Most who print a list have it in order.
  const isAscending = given.every((number, i) => i === 0 || (given[i - 1] as number) < number);
  const sorted = isAscending ? given : [...new Set(given)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i] as number;
    let last = first;
    while (sorted[i + 1] === last + 1) last = sorted[++i] as number;
    parts.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return parts.join(",");
}

/** A count as the kernel prints it with %lu: below zero it has wrapped (observed-4.1 Q4: the span of a stale zone). */
export function unsignedLong(count: number): bigint {
  return BigInt.asUintN(64, BigInt(count));
}

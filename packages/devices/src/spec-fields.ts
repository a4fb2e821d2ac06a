import { MIB, ParseError, parseSize } from "@memhp/abi";

/** Slots, or devices of a kind, that a description may ask for at most; a board of QEMU has fewer (`Platform.maxSlots`). */
export const MAX_SLOTS = 4096;

/** Something is wrong with a description of a machine or of a run: what, where, what is allowed. */
export class SpecError extends Error {
  override readonly name = "SpecError";
}

/** Refuses a description. @throws SpecError with the place and what is wrong there. */
export function fail(where: string, what: string): never {
  throw new SpecError(`${where}: ${what}`);
}

/**
 * Any error of `read` becomes a SpecError that says where.
 * @throws SpecError for a text that `read` could not parse; what else it throws comes through
 */
export function at<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseError) fail(where, error.message);
    throw error;
  }
}

/** Whether a value of a description is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A size of a description in bytes: `2G`, or a number of `unit` bytes. @throws SpecError */
export function size(raw: unknown, where: string, unit = 1): number {
  if (typeof raw !== "string" && typeof raw !== "number")
    fail(where, `expected a size such as 2G, found ${JSON.stringify(raw)}`);
  return at(where, () => parseSize(raw, unit));
}

/** A whole number of a description, from 0 to `max`; `fallback` where it says none. @throws SpecError */
export function count(raw: unknown, where: string, fallback: number, max: number): number {
  if (raw === undefined) return fallback;
  if (typeof raw !== "number" || !Number.isInteger(raw) || raw < 0 || raw > max)
    fail(where, `expected a whole number of 0..${max}, found ${JSON.stringify(raw)}`);
  return raw;
}

/** A text of a description, where it says one. @throws SpecError */
export function optionalText(raw: unknown, where: string): string | undefined {
  if (raw === undefined || typeof raw === "string") return raw;
  return fail(where, `expected a text, found ${JSON.stringify(raw)}`);
}

/** A truth of a description; `fallback` where it says none. @throws SpecError */
export function trueOrFalse(raw: unknown, where: string, fallback: boolean): boolean {
  if (raw === undefined) return fallback;
  return typeof raw === "boolean" ? raw : fail(where, `expected true or false, found ${JSON.stringify(raw)}`);
}

/** An object of a description. @throws SpecError for a key that nobody reads */
export function knownFields(raw: unknown, where: string, allowed: readonly string[]): Record<string, unknown> {
  if (!isRecord(raw)) fail(where, `expected an object with ${allowed.join(", ")}`);
  const unknown = Object.keys(raw).find((key) => !allowed.includes(key));
  if (unknown !== undefined) fail(`${where}.${unknown}`, `is not known (allowed: ${allowed.join(", ")})`);
  return raw;
}

/** Backends of ordinary RAM, and what drivers map as one, lie on 2 MiB boundaries. */
export const UNIT_BYTES: number = 2 * MIB;

/** A size of whole units of 2 MiB; bytes. @throws SpecError */
export function wholeUnits(raw: unknown, where: string): number {
  const bytes = size(raw, where);
  if (bytes === 0 || bytes % UNIT_BYTES !== 0) fail(where, `expected a multiple of 2M, found ${JSON.stringify(raw)}`);
  return bytes;
}

/** A physical address on a boundary of 2 MiB. @throws SpecError */
export function address(raw: unknown, where: string): number {
  const addr = typeof raw === "string" && raw !== "" ? Number(raw) : raw;
  if (typeof addr !== "number" || !Number.isSafeInteger(addr) || addr < 0 || addr % UNIT_BYTES !== 0)
    fail(where, `expected an address on a 2M boundary, such as 0x180000000, found ${JSON.stringify(raw)}`);
  return addr;
}

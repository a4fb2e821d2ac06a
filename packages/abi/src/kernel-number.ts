/** The kernel's parsers of numbers, in its own names. A text has one character for each byte. */

const U32 = 1n << 32n;
const U64 = 1n << 64n;

type Parsed<T> = T | "EINVAL" | "ERANGE";

/** What stands at the start of a text. `magnitude` is undefined where there is no digit. */
interface Scan {
  readonly sign: string;
  readonly magnitude?: bigint;
  readonly rest: string;
}

/** Base 0: `0x` and a hexadecimal digit is hexadecimal, a leading 0 octal, all else decimal. */
function scan(text: string): Scan {
  const sign = /^[-+]?/.exec(text)?.[0] ?? "";
  const body = text.slice(sign.length);
  const digits = (/^0x[0-9a-f]+/i.exec(body) ?? /^0[0-7]*/.exec(body) ?? /^[1-9]\d*/.exec(body))?.[0];
  if (digits === undefined) return { sign, rest: body };
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return { sign, magnitude, rest: body.slice(digits.length) };
}

/** The whole text but for one newline behind must be the number. The range is looked at first: a number that is too long may be followed by anything. */
function whole(magnitude: bigint | undefined, rest: string): Parsed<bigint> {
  if (magnitude === undefined) return "EINVAL";
  if (magnitude >= U64) return "ERANGE";
  return rest === "" || rest === "\n" ? magnitude : "EINVAL";
}

/** kstrtoull(text, 0): one `+` in front and one newline behind are allowed, nothing more (observed-4.1 §7: probe). */
export function kstrtoull(text: string): Parsed<bigint> {
  const { sign, magnitude, rest } = scan(text);
  return sign === "-" ? "EINVAL" : whole(magnitude, rest);
}

/** kstrtoll(text, 0): as kstrtoull, and a `-`; the sign's limit counts last. */
export function kstrtoll(text: string): Parsed<bigint> {
  const { sign, magnitude, rest } = scan(text);
  const parsed = whole(magnitude, rest);
  if (typeof parsed === "string") return parsed;
  const value = sign === "-" ? -parsed : parsed;
  return BigInt.asIntN(64, value) === value ? value : "ERANGE";
}

/** kstrtoul(text, 10): decimal digits alone, however many zeros are in front. */
export function kstrtoul10(text: string): Parsed<bigint> {
  const [, digits, rest = ""] = /^\+?(\d+)(.*)$/s.exec(text) ?? [];
  return whole(digits === undefined ? undefined : BigInt(digits), rest);
}

/** kstrtouint(text, 0), which reads a module parameter of type uint. */
export function kstrtouint(text: string): Parsed<number> {
  const value = kstrtoull(text);
  if (typeof value === "string") return value;
  return value < U32 ? Number(value) : "ERANGE";
}

/** simple_strtoll(text, NULL, 0): what cannot be read is 0 or is left over, and nothing is an error. */
export function simpleStrtoll(text: string): bigint {
  const { sign, magnitude = 0n } = scan(text);
  if (sign === "+") return 0n;
  return BigInt.asIntN(64, sign === "-" ? -magnitude : magnitude);
}

/** A number of so many characters may have been cut, and is refused (TMPBUFLEN). */
const SYSCTL_DIGITS = 21;

/**
 * The first number of a write to a sysctl (kernel/sysctl.c proc_get_long), in base 0 and with white space behind it if
 * anything is. `taken` is what write(2) returns: a second number is left for the next write.
 */
export function sysctlNumber(text: string): { readonly value: bigint; readonly taken: number } | undefined {
  const match = /^\s*(-?)(?:(0[xX][0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))(?=[ \t\n]|$)/.exec(text);
  if (match === null) return undefined;
  const [number, sign = "", hexadecimal, octal, decimal] = match;
  if (number.trimStart().length >= SYSCTL_DIGITS) return undefined;
  const magnitude = BigInt(hexadecimal ?? decimal ?? `0o${octal === "" ? "0" : octal}`);
  if (magnitude >= U64) return undefined;
  const blanks = /^\s*/.exec(text.slice(number.length))?.[0] ?? "";
  return { value: sign === "-" ? -magnitude : magnitude, taken: number.length + blanks.length };
}

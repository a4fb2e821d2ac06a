const U32 = 1n << 32n;
const U64 = 1n << 64n;

/**
 * kstrtoull(text, 0): 0x is hexadecimal, a leading 0 octal, all else decimal; one `+` in front and one newline
 * behind are allowed, nothing more (observed-4.1 §7: probe).
 */
export function kstrtoull(text: string): bigint | "EINVAL" | "ERANGE" {
  const unsigned = text.startsWith("+") ? text.slice(1) : text;
  const match = /^(?:(0[xX])([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))(.*)$/s.exec(unsigned);
  if (match === null) return "EINVAL";
  const [, , hexadecimal, octal, decimal, rest] = match;
  const value = BigInt(hexadecimal === undefined ? (decimal ?? `0o${octal ?? "0"}`) : `0x${hexadecimal}`);
  // The range is looked at first: a number that is too long may be followed by anything.
  if (value >= U64) return "ERANGE";
  return rest === "" || rest === "\n" ? value : "EINVAL";
}

/** kstrtoul(text, 10): decimal digits alone, however many zeros are in front. */
export function kstrtoul10(text: string): bigint | "EINVAL" | "ERANGE" {
  const [, digits, rest] = /^\+?(\d+)(.*)$/s.exec(text) ?? [];
  if (digits === undefined) return "EINVAL";
  const value = BigInt(digits);
  if (value >= U64) return "ERANGE";
  return rest === "" || rest === "\n" ? value : "EINVAL";
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

/** kstrtouint(text, 0), which reads a module parameter of type uint. */
export function kstrtouint(text: string): number | "EINVAL" | "ERANGE" {
  const value = kstrtoull(text);
  if (typeof value === "string") return value;
  return value < U32 ? Number(value) : "ERANGE";
}

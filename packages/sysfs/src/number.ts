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

/** kstrtouint(text, 0), which reads a module parameter of type uint. */
export function kstrtouint(text: string): number | "EINVAL" | "ERANGE" {
  const value = kstrtoull(text);
  if (typeof value === "string") return value;
  return value < U32 ? Number(value) : "ERANGE";
}

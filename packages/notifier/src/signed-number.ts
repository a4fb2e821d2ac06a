/** What the kernel's number parsers find at the start of a text. `magnitude` is undefined where there is no digit. */
interface Scan {
  readonly sign: string;
  readonly magnitude?: bigint;
  readonly rest: string;
}

/** Base 0 of the kernel: `0x` and a hex digit is hexadecimal, a leading 0 octal, all else decimal. */
function scan(text: string): Scan {
  const sign = /^[-+]?/.exec(text)?.[0] ?? "";
  const body = text.slice(sign.length);
  const digits = (/^0x[0-9a-f]+/i.exec(body) ?? /^0[0-7]*/.exec(body) ?? /^[1-9]\d*/.exec(body))?.[0];
  if (digits === undefined) return { sign, rest: body };
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return { sign, magnitude, rest: body.slice(digits.length) };
}

/** `simple_strtoll(text, NULL, 0)`: what cannot be read is 0 or is left over, and nothing is an error. */
export function simpleStrtoll(text: string): bigint {
  const { sign, magnitude = 0n } = scan(text);
  if (sign === "+") return 0n;
  return BigInt.asIntN(64, sign === "-" ? -magnitude : magnitude);
}

/** `kstrtoll(text, 0, …)`: the whole text but for one newline at its end must be the number. */
export function kstrtoll(text: string): bigint | "EINVAL" | "ERANGE" {
  const { sign, magnitude, rest } = scan(text);
  if (magnitude === undefined) return "EINVAL";
  // The kernel sees that 64 bits overflow before it looks at what follows, and the sign's limit after.
  if (magnitude >= 2n ** 64n) return "ERANGE";
  if (rest !== "" && rest !== "\n") return "EINVAL";
  const value = sign === "-" ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : "ERANGE";
}

import { CommandError } from "./command-error.ts";

/** Integer types of device properties. */
type PropertyType = "int32_t" | "uint32_t" | "uint64_t";

const TYPES: Readonly<Record<PropertyType, { min: bigint; max: bigint; signed: boolean }>> = {
  int32_t: { min: -(2n ** 31n), max: 2n ** 31n - 1n, signed: true },
  uint32_t: { min: 0n, max: 2n ** 32n - 1n, signed: false },
  uint64_t: { min: 0n, max: 2n ** 64n - 1n, signed: false },
};

const UINT64 = 2n ** 64n;

/**
 * A number as QEMU reads it from text (strtoll and strtoull with base 0): white space before it, a sign, decimal,
 * 0x or octal; a negative number in an unsigned property wraps around.
 * @throws CommandError
 */
export function parseKeyvalInteger(name: string, text: string, type: PropertyType): bigint {
  const { min, max, signed } = TYPES[type];
  const match = /^[ \t\n\v\f\r]*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  const [, sign, digits = ""] = match ?? [];
  // 24 characters are more than 64 bits need in any base, leading zeros apart.
  if (match === null || digits.replace(/^0+/, "").length > 24) throw notInteger(name);
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits);
  const number = sign === "-" ? -magnitude : magnitude;
  const fits = signed ? number >= -(UINT64 / 2n) && number < UINT64 / 2n : magnitude < UINT64;
  if (!fits) throw notInteger(name);
  const value = !signed && number < 0n ? number + UINT64 : number;
  if (value < min || value > max) throw new CommandError(`Parameter '${name}' expects ${type}`);
  return value;
}

function notInteger(name: string): CommandError {
  return new CommandError(`Parameter '${name}' expects integer`);
}

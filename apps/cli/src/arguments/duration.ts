import { UsageError } from "../errors.ts";

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `8h`, `1d`; a bare number is of seconds. @returns milliseconds. @throws UsageError */
export function duration(option: string, text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text) ?? [];
  const ms = Number(number) * (units[unit] ?? Number.NaN);
  if (!(ms > 0 && ms <= Number.MAX_SAFE_INTEGER))
    throw new UsageError(`--${option}: expected a time such as 90s, 10m or 8h, found ${JSON.stringify(text)}`);
  return ms;
}

import { formatSize } from "@memhp/abi";

const units = ["", "K", "M", "G", "T", "P"] as const;

/** Bytes for a person: exact where that is short, else three digits or more with a decimal: `1.87T`. */
export function sizeWords(bytes: number): string {
  const exact = formatSize(bytes);
  if (exact.length <= 5) return exact;
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value.toFixed(value < 10 ? 2 : 1)}${units[unit]}`;
}

/** A number as people write it: `76,800`. */
export function countWords(count: number): string {
  return count.toLocaleString("en");
}

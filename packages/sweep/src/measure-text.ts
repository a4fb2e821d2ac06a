import type { MeasureSummary } from "./summary.ts";

/** `12 (11..14 of 3..20)`: the median, its interval, the extremes; then other values. Empty where nothing was measured. */
export function measureText(measure: MeasureSummary | undefined): string {
  const { numbers, values = [] } = measure ?? {};
  const others = values.map(({ value, runs }) => (values.length === 1 ? String(value) : `${String(value)} ×${runs}`));
  if (numbers === undefined) return others.join(", ");
  const { median, min, max, interval } = numbers;
  const spread = interval === undefined ? "" : `${rounded(interval[0])}..${rounded(interval[1])} of `;
  const text = min === max ? rounded(median) : `${rounded(median)} (${spread}${rounded(min)}..${rounded(max)})`;
  return [text, ...others].join(", ");
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

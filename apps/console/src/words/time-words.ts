/** Simulated time: `1.204 ms`. */
export function timeWords(ns: number): string {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(6)} s`;
  return `${(ns / 1e6).toFixed(3)} ms`;
}

import type { BlockColumns, Segment } from "../session/block-columns.ts";

/** What a table of blocks is sorted by. */
export const orders = ["block", "node", "device", "state", "zone", "kernel pages"] as const;
export type Order = (typeof orders)[number];

/** Places of the columns that a table shows, in its order: of the segments, and those that a filter lets through. */
export function orderOf(
  columns: BlockColumns,
  segments: readonly Segment[],
  mask: Uint8Array | undefined,
  by: Order,
  isDescending: boolean,
): Int32Array {
  const names = [...new Set(columns.segments.map(({ label }) => label))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const rank = new Map(names.map((label, i) => [label, i]));
  const total = segments.reduce((sum, { start, end }) => sum + end - start, 0);
  // Key and place in one number: sorting a million of them is the platform's own business.
  const keys = new Float64Array(total);
  let count = 0;
  for (const { node, label, start, end } of segments) {
    const ofDevice = rank.get(label) ?? 0;
    for (let i = start; i < end; i++) {
      if (mask !== undefined && mask[i] !== 1) continue;
      const key = {
        block: columns.ids[i] as number,
        node,
        device: ofDevice,
        state: columns.state[i] as number,
        zone: columns.zone[i] as number,
        "kernel pages": columns.unmovable[i] as number,
      }[by];
      keys[count++] = (isDescending ? -key : key) * PLACES + i;
    }
  }
  const sorted = keys.subarray(0, count).sort();
  return Int32Array.from(sorted, (key) => ((key % PLACES) + PLACES) % PLACES);
}

const PLACES = 2 ** 24;

import { ZONE_MOVABLE } from "@memhp/abi";
import { BlockState } from "@memhp/engine";
import type { BlockColumns, Segment } from "../session/block-columns.ts";

/** Blocks of one node, or of one device of it, counted. */
export interface BlockSum {
  readonly node: number;
  /** Undefined for a whole node. */
  readonly device: string | undefined;
  readonly total: number;
  readonly kernel: number;
  readonly movable: number;
  readonly onItsWay: number;
  readonly offline: number;
  /** Blocks with kernel pages that cannot move. */
  readonly unmovable: number;
  /** Blocks that a filter lets through; all where there is none. */
  readonly matching: number;
}

/** What each node has, by node; or what each device of the segments has, by address. */
export function blockSums(
  { state, zone, unmovable }: BlockColumns,
  segments: readonly Segment[],
  by: "node" | "device",
  mask?: Uint8Array,
): BlockSum[] {
  const sums = new Map<string, { -readonly [K in keyof BlockSum]: BlockSum[K] }>();
  for (const { node, label, start, end } of segments) {
    const device = by === "node" ? undefined : label;
    const key = `${node} ${device}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { node, device, total: 0, kernel: 0, movable: 0, onItsWay: 0, offline: 0, unmovable: 0, matching: 0 };
      sums.set(key, sum);
    }
    sum.total += end - start;
    for (let i = start; i < end; i++) {
      if (state[i] === BlockState.offline) sum.offline += 1;
      else if (state[i] !== BlockState.online) sum.onItsWay += 1;
      else if (zone[i] === ZONE_MOVABLE) sum.movable += 1;
      else sum.kernel += 1;
      if (unmovable[i] === 1) sum.unmovable += 1;
      if (mask === undefined || mask[i] === 1) sum.matching += 1;
    }
  }
  return [...sums.values()].sort((a, b) => a.node - b.node);
}

/** A grid in which all tiles are seen at once; CSS pixels. */
export interface TileGrid {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

/** The largest tiles of which so many fit, at most 120 × 84 and a little wider than high. */
export function tileGrid(count: number, width: number, height: number): TileGrid {
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const tile = Math.min(120, Math.floor(width / columns));
    const rows = Math.ceil(count / columns);
    const high = Math.min(84, Math.floor(tile * 0.7));
    if (high >= 3 && rows * high <= height) return { columns, width: tile, height: high };
  }
  const columns = Math.max(1, Math.floor(width / 5));
  return { columns, width: 5, height: 3 };
}

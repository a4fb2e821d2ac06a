import { ZONE_MOVABLE } from "@memhp/abi";
import type { BlockColumns } from "./block-columns.ts";
import { isOnline } from "./online-count.ts";

/** The machine at moments of its simulated time, as columns. */
export interface Series {
  /** Seconds since boot. */
  readonly seconds: readonly number[];
  /** Blocks. */
  readonly online: readonly number[];
  readonly movable: readonly number[];
  /** Pages, of all nodes. */
  readonly free: readonly number[];
  /** Since boot: refusals, and pages that moved. */
  readonly refused: readonly number[];
  readonly migrated: readonly number[];
}

type Column = Exclude<keyof Series, "seconds">;
export type Sample = Readonly<Record<Column, number>>;
const columns: readonly Column[] = ["online", "movable", "free", "refused", "migrated"];

/** More moments than can be told apart on a chart. */
const MOST = 2048;

/** Keeps what a machine was at moments, evenly over its time: when there are too many, every other goes. */
export class Samples {
  readonly #most: number;
  #seconds: number[] = [];
  #values: Record<Column, number[]> = { online: [], movable: [], free: [], refused: [], migrated: [] };

  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** Adds a moment at which something is not as it was, and the one before it, so that what lies between is level. */
  addChange(beforeNs: number, nowNs: number, sample: Sample): void {
    if (this.#endsWith(sample)) return;
    const last = this.#last();
    if (last !== undefined && beforeNs < nowNs && (this.#seconds.at(-1) ?? 0) < beforeNs / 1e9)
      this.add(beforeNs, last);
    this.add(nowNs, sample);
  }

  #endsWith(sample: Sample): boolean {
    const last = this.#seconds.length - 1;
    const { online, movable, free, refused, migrated } = this.#values;
    return (
      last >= 0 &&
      free[last] === sample.free &&
      online[last] === sample.online &&
      movable[last] === sample.movable &&
      refused[last] === sample.refused &&
      migrated[last] === sample.migrated
    );
  }

  #last(): Sample | undefined {
    if (this.#seconds.length === 0) return undefined;
    return Object.fromEntries(columns.map((column) => [column, this.#values[column].at(-1) ?? 0])) as Sample;
  }

  add(nowNs: number, sample: Sample): void {
    const seconds = nowNs / 1e9;
    // Going back in time forgets what came after; the same moment is told once.
    while ((this.#seconds.at(-1) ?? -1) >= seconds) this.#drop();
    this.#seconds.push(seconds);
    for (const column of columns) this.#values[column].push(sample[column]);
    if (this.#seconds.length > this.#most) this.#thin();
  }

  get series(): Series {
    return { seconds: this.#seconds, ...this.#values };
  }

  #drop(): void {
    this.#seconds.pop();
    for (const column of columns) this.#values[column].pop();
  }

  #thin(): void {
    const kept = (values: readonly number[]): number[] =>
      values.filter((_, i) => i % 2 === 0 || i === values.length - 1);
    this.#seconds = kept(this.#seconds);
    for (const column of columns) this.#values[column] = kept(this.#values[column]);
  }
}

type Online = Pick<Sample, "online" | "movable">;

/** Blocks that are online, and those of them in ZONE_MOVABLE: by node. */
export function onlineByNode({
  segments,
  state,
  zone,
}: Pick<BlockColumns, "segments" | "state" | "zone">): ReadonlyMap<number, Online> {
  const nodes = new Map<number, { online: number; movable: number }>();
  for (const { node, start, end } of segments) {
    const of = nodes.get(node) ?? { online: 0, movable: 0 };
    nodes.set(node, of);
    for (let i = start; i < end; i++) {
      if (!isOnline(state[i])) continue;
      of.online += 1;
      if (zone[i] === ZONE_MOVABLE) of.movable += 1;
    }
  }
  return nodes;
}

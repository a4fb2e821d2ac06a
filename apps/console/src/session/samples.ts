import { ZONE_MOVABLE } from "@memhp/abi";
import { BlockState } from "@memhp/engine";
import type { BlockColumns } from "./block-columns.ts";

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
  #seconds: number[] = [];
  #values: Record<Column, number[]> = { online: [], movable: [], free: [], refused: [], migrated: [] };

  add(nowNs: number, sample: Sample): void {
    const seconds = nowNs / 1e9;
    // Going back in time forgets what came after; the same moment is told once.
    while ((this.#seconds.at(-1) ?? -1) >= seconds) this.#drop();
    this.#seconds.push(seconds);
    for (const column of columns) this.#values[column].push(sample[column]);
    if (this.#seconds.length > MOST) this.#thin();
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

/** Blocks that are online, and those of them in ZONE_MOVABLE. */
export function onlineOf({ state, zone }: Pick<BlockColumns, "state" | "zone">): Pick<Sample, "online" | "movable"> {
  let [online, movable] = [0, 0];
  for (let i = 0; i < state.length; i++) {
    if (state[i] !== BlockState.online && state[i] !== BlockState.goingOffline) continue;
    online += 1;
    if (zone[i] === ZONE_MOVABLE) movable += 1;
  }
  return { online, movable };
}

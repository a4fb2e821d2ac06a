import type { SimEvent } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { BlockColumns } from "./block-columns.ts";
import { onlineByNode, type Sample, Samples, type Series } from "./samples.ts";

/** Of a node only changes are kept, and fewer of them: there may be a thousand nodes. */
const MOST_OF_NODE = 256;

/** A machine at moments of its time, and each of its nodes. */
export class MachineSamples {
  readonly #whole = new Samples();
  readonly #nodes = new Map<number, Samples>();
  readonly #refused = new Map<number, number>();
  readonly #migrated = new Map<number, number>();
  #lastNs = 0;

  /** Counts pages that moved away from a node. */
  migrated(node: number, pages: number): void {
    this.#migrated.set(node, (this.#migrated.get(node) ?? 0) + pages);
  }

  hear(event: SimEvent): void {
    if (event.type === "refusal") this.#refused.set(event.node, (this.#refused.get(event.node) ?? 0) + 1);
  }

  take(machine: Machine, columns: BlockColumns): void {
    const { nowNs } = machine;
    const online = onlineByNode(columns);
    const free = new Map<number, number>();
    for (const { node, zones } of machine.pages.counters()) {
      let pages = 0;
      for (const { freePages } of zones) pages += freePages;
      free.set(node, pages);
    }
    // A moment before the last: the machine went back, and what came after is forgotten.
    const beforeNs = Math.min(this.#lastNs, nowNs);
    const whole = { online: 0, movable: 0, free: 0, refused: sumOf(this.#refused), migrated: sumOf(this.#migrated) };
    for (const node of online.keys()) this.#of(node);
    for (const node of free.keys()) this.#of(node);
    for (const [node, samples] of this.#nodes) {
      const blocks = online.get(node);
      const sample: Sample = {
        online: blocks?.online ?? 0,
        movable: blocks?.movable ?? 0,
        free: free.get(node) ?? 0,
        refused: this.#refused.get(node) ?? 0,
        migrated: this.#migrated.get(node) ?? 0,
      };
      whole.online += sample.online;
      whole.movable += sample.movable;
      whole.free += sample.free;
      samples.addChange(beforeNs, nowNs, sample);
    }
    this.#lastNs = nowNs;
    this.#whole.add(nowNs, whole);
  }

  /** The whole machine, or a node of it; a node stands as it is up to the machine's last moment. */
  series(node?: number): Series {
    const { seconds } = this.#whole.series;
    if (node === undefined) return this.#whole.series;
    const own = this.#nodes.get(node)?.series;
    const end = seconds.at(-1);
    if (own === undefined || end === undefined || (own.seconds.at(-1) ?? end) >= end)
      return own ?? new Samples().series;
    const held = (values: readonly number[]): number[] => [...values, values.at(-1) ?? 0];
    return {
      seconds: [...own.seconds, end],
      online: held(own.online),
      movable: held(own.movable),
      free: held(own.free),
      refused: held(own.refused),
      migrated: held(own.migrated),
    };
  }

  #of(node: number): Samples {
    let samples = this.#nodes.get(node);
    if (samples === undefined) this.#nodes.set(node, (samples = new Samples(MOST_OF_NODE)));
    return samples;
  }
}

function sumOf(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

import { groupBy, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { type MemoryMap, nodeOf } from "@memhp/engine";
import type { MachineRules } from "@memhp/kernels";
import type { NodeRequest, RequestResult } from "@memhp/hotplug";

/** A kernel zone that had no memory before these blocks came online, in the order in which they did. */
export interface FreshZone {
  readonly node: number;
  readonly zone: number;
  readonly blocks: readonly number[];
  /** How often the kernel has run since the first of them stands at the head of the zone's free lists. */
  readonly runs: number;
}

export type FreshZonesImage = readonly FreshZone[];

/**
 * So often something must run until the kernel holds a page there: in the recorded runs, within two things 27 of 32 first blocks still went, later 15 of
 * 168. Which of them no file tells: of one scenario recorded twelve times some boots were busy (observed-6 §13).
 */
const RUNS_UNTIL_TAKEN = 3;

export interface FreshZonesHost {
  readonly map: MemoryMap;
  /** Nodes with processors: what runs there allocates there. */
  readonly busyNodes: ReadonlySet<number>;
  /** The kernel takes a page of a block. */
  take(block: number, node: number): Promise<unknown>;
}

/**
 * The kernel's own use of zones that hotplug brought to life. Allocations of a node's processors begin with its highest kernel zone, and there with what
 * came first: later blocks join the lists at their tail. So the first block of such a zone gets kernel pages and stays; the others can go, and where
 * the first goes in time the next one is first (6.1, 6.12, 7.3: without a load, of 204 offlines of others 1 was busy). A node without processors nobody
 * uses (j_absent_node, n_absent_del_order).
 */
export class FreshZones {
  readonly #host: FreshZonesHost;
  readonly #rule: MachineRules["freshZone"];
  #zones: FreshZone[];
  /** False: where kernel pages lie is told from outside. */
  enabled: boolean;

  constructor(host: FreshZonesHost, rule: MachineRules["freshZone"], image: FreshZonesImage = []) {
    this.#host = host;
    this.#rule = rule;
    this.#zones = [...image];
    this.enabled = rule !== "by-chance";
  }

  snapshot(): FreshZonesImage {
    return [...this.#zones];
  }

  /** Follows blocks that went online and offline. */
  follow(requests: readonly NodeRequest[], results: readonly RequestResult[]): void {
    for (const [i, request] of requests.entries()) {
      const result = results[i];
      if (result === undefined || !("outcomes" in result) || !("blocks" in request)) continue;
      const { node, blocks } = request;
      const isFollowed =
        result.op === "online" ? this.#host.busyNodes.has(node) : this.#zones.some((fresh) => fresh.node === node);
      if (!isFollowed) continue;
      const { outcomes } = result;
      const changed = blocks.filter((_, at) => outcomes[at] === "changed");
      if (result.op === "online") this.#came(node, changed);
      else this.#left(node, changed);
    }
  }

  /** Something can still come of `ran`. */
  get isPending(): boolean {
    return this.enabled && this.#zones.some((fresh) => fresh.runs < RUNS_UNTIL_TAKEN);
  }

  /** Something has run: whatever it was, the kernel has allocated for it. */
  ran(): Promise<void> {
    return this.#ran(1, ({ node, zone }) => this.#rule === "kernel-takes-first" || !this.#hasOtherMemory(node, zone));
  }

  async #ran(times: number, allocates: (fresh: FreshZone) => boolean): Promise<void> {
    if (!this.isPending) return;
    for (const fresh of this.#zones.filter(allocates)) {
      const [first] = fresh.blocks;
      if (fresh.runs >= RUNS_UNTIL_TAKEN || first === undefined || !this.#isPreferred(fresh)) continue;
      const runs = Math.min(fresh.runs + times, RUNS_UNTIL_TAKEN);
      this.#replace(fresh, { ...fresh, runs });
      if (runs === RUNS_UNTIL_TAKEN) await this.#host.take(first, fresh.node);
    }
  }

  /** A program uses memory of a node: what it makes the kernel allocate comes first (c_load_*_kernel). */
  async used(node: number): Promise<void> {
    if (this.#zones.some((fresh) => fresh.node === node)) await this.#ran(RUNS_UNTIL_TAKEN, () => true);
  }

  #came(node: number, blocks: readonly number[]): void {
    const { map } = this.#host;
    for (const [zone, came] of groupBy(blocks, (block) => map.blocks.zone(block))) {
      const known = this.#zones.find((each) => each.node === node && each.zone === zone);
      if (known !== undefined) this.#replace(known, { ...known, blocks: [...known.blocks, ...came] });
      else if (zone < ZONE_MOVABLE && this.#presentPages(node, zone) === came.length * map.blockPages)
        this.#zones.push({ node, zone, blocks: came, runs: 0 });
    }
  }

  #left(node: number, blocks: readonly number[]): void {
    const gone = new Set(blocks);
    for (const fresh of this.#zones.filter((each) => each.node === node)) {
      const left = fresh.blocks.filter((block) => !gone.has(block));
      if (left.length === fresh.blocks.length) continue;
      const runs = left[0] === fresh.blocks[0] ? fresh.runs : 0;
      this.#replace(fresh, left.length === 0 ? undefined : { ...fresh, blocks: left, runs });
    }
  }

  #isPreferred({ node, zone }: FreshZone): boolean {
    if (!this.#host.map.nodes.has(node)) return false;
    const above = nodeOf(this.#host.map, node).zones.filter(({ index }) => index > zone && index < ZONE_MOVABLE);
    return above.every(({ presentPages }) => presentPages === 0);
  }

  /** Memory below ZONE_MOVABLE in other zones. */
  #hasOtherMemory(node: number, zone: number): boolean {
    if (!this.#host.map.nodes.has(node)) return false;
    const others = nodeOf(this.#host.map, node).zones.filter(({ index }) => index !== zone && index < ZONE_MOVABLE);
    return others.some(({ presentPages }) => presentPages > 0);
  }

  #presentPages(node: number, zone: number): number {
    return nodeOf(this.#host.map, node).zones.find(({ index }) => index === (zone as ZoneIndex))?.presentPages ?? 0;
  }

  #replace(old: FreshZone, by: FreshZone | undefined): void {
    this.#zones = this.#zones.flatMap((each) => (each === old ? (by ?? []) : each));
  }
}

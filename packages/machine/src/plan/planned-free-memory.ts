import { ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import {
  type BlockUse,
  copyNode,
  highestTargetZone,
  hugepageTargetNodes,
  type MemoryMap,
  type MigrationContext,
  type NodeMemory,
  type NodePages,
  PageKind,
  targetNodes,
  zoneFloors,
} from "@memhp/engine";
import type { TargetPages } from "@memhp/hotplug";
import { nodeOrder } from "@memhp/shards";

/** What is known of a machine's free memory, and of the rules by which migration uses it. */
export interface RoomSource {
  readonly kernel: Kernel;
  readonly map: Pick<MemoryMap, "nodes" | "kernel" | "arch">;
  readonly pages: ReadonlyMap<number, NodePages>;
  /** Node on which the program runs that offlines. */
  readonly taskNode: number;
  readonly distance: (from: number, to: number) => number;
}

/** A block that is to go offline: where it is and how its pages would take it. */
export interface LeavingBlock {
  readonly block: number;
  readonly node: number;
  readonly zone: ZoneIndex;
  readonly use: BlockUse;
}

/** Where the pages of a block went in a plan. */
export interface Move {
  /** Base pages by node. */
  readonly targets: readonly TargetPages[];
  /** Base pages that found no room, and how many of them are hugepages of a pool, for which nobody is killed. */
  readonly missingPages: number;
  readonly missingInHugepages: number;
}

/** Free pages of one node as a plan leaves them. */
interface NodeRoom {
  readonly memory: NodeMemory;
  /** By zone index. */
  readonly free: number[];
  /** Page cache by zone index: direct reclaim frees it where nothing else is free. */
  readonly cache: number[];
  /** Free hugepages of the pools by order. */
  readonly hugepages: Map<number, number>;
  /** Pages that the plan has put here, by zone index. */
  readonly landed: number[];
}

/**
 * Free memory along a plan, in numbers: what a block takes away when it is isolated, what its pages use up elsewhere
 * (facts §4.4). It follows zones, not single pages, so it does not know in which block a page lands.
 */
export class PlannedFreeMemory {
  readonly #source: RoomSource;
  readonly #nodes = new Map<number, NodeRoom>();
  /** Of all nodes, while no block leaves. */
  #floorsOf: ReturnType<typeof zoneFloors> | undefined;

  constructor(source: RoomSource) {
    this.#source = source;
    for (const [id, node] of source.map.nodes) {
      const pages = source.pages.get(id);
      this.#nodes.set(id, {
        memory: copyNode(node),
        free: node.zones.map(({ index }) => pages?.zones[index]?.freePages ?? 0),
        cache: node.zones.map(({ index }) => pages?.zones[index]?.kinds[PageKind.file] ?? 0),
        hugepages: new Map(pages?.hugepages.map(({ order, free }) => [order, free])),
        landed: node.zones.map(() => 0),
      });
    }
  }

  memory(node: number): NodeMemory {
    return this.#room(node).memory;
  }

  /** Pages that an earlier block of the plan may have left in a zone. */
  landedPages(node: number, zone: ZoneIndex): number {
    return this.#room(node).landed[zone] as number;
  }

  /** Takes a block out of the machine: its free pages at once, the others by moving them. */
  take(leaving: LeavingBlock, blockPages: number): Move {
    const { node, zone, use } = leaving;
    const own = this.#room(node);
    own.free[zone] = (own.free[zone] as number) - use.free;
    own.cache[zone] = Math.max(0, (own.cache[zone] as number) - use.cache);
    const move = this.#move(leaving);
    const { memory } = own;
    this.#floorsOf = undefined;
    memory.zones[zone].presentPages -= blockPages;
    memory.zones[zone].managedPages -= use.free + use.movable + use.dissolved;
    memory.presentPages -= blockPages;
    memory.hasMemory &&= memory.presentPages > 0;
    return move;
  }

  /** Pages beyond those of the survey move along with a block: they may land wherever its own may. */
  landAgain({ node, zone }: LeavingBlock, pages: number): void {
    const rules = this.#source.kernel.pages;
    const highest = highestTargetZone(rules, zone);
    for (const id of targetNodes(rules, node, this.#context())) {
      const room = this.#room(id);
      for (let index = 0; index <= highest; index++)
        if (room.memory.zones[index as ZoneIndex].presentPages > 0)
          room.landed[index] = (room.landed[index] as number) + pages;
    }
  }

  #context(): MigrationContext {
    const { distance, taskNode } = this.#source;
    const nodes = new Map([...this.#nodes].map(([id, { memory }]) => [id, memory]));
    return { nodeOrder: (from) => nodeOrder({ map: { nodes }, distance }, from), taskNode };
  }

  #move({ node, zone, use }: LeavingBlock): Move {
    if (use.movable === 0) return { targets: [], missingPages: 0, missingInHugepages: 0 };
    const rules = this.#source.kernel.pages;
    const context = this.#context();
    const taken = new Map<number, number>();
    const take = (id: number, pages: number): void => {
      if (pages > 0) taken.set(id, (taken.get(id) ?? 0) + pages);
    };
    let missingInHugepages = 0;
    let inHugepages = 0;
    const hugepageNodes = hugepageTargetNodes(rules, node, context).filter((id) => this.#nodes.has(id));
    for (const { order, count } of use.hugepages) {
      inHugepages += count * 2 ** order;
      let left = count;
      for (const id of hugepageNodes) {
        const found = this.#takeHugepages(id, order, left);
        take(id, found * 2 ** order);
        left -= found;
      }
      missingInHugepages += left * 2 ** order;
    }
    let left = Math.max(0, use.movable - inHugepages);
    const highest = highestTargetZone(rules, zone);
    const nodes = new Set([...targetNodes(rules, node, context), ...hugepageNodes]);
    for (const from of ["free", "cache"] as const) {
      for (const id of nodes) {
        const found = this.#takeBasePages(id, highest, left, from);
        take(id, found);
        left -= found;
      }
    }
    const targets = [...taken].map(([id, pages]) => ({ node: id, pages }));
    return { targets, missingPages: missingInHugepages + left, missingInHugepages };
  }

  /** From the highest zone down, each to its watermark; what is below that, page cache makes up for first. @returns pages taken. */
  #takeBasePages(id: number, highest: ZoneIndex, wanted: number, from: "free" | "cache"): number {
    if (wanted === 0) return 0;
    const room = this.#room(id);
    this.#floorsOf ??= zoneFloors(
      { kernel: this.#source.kernel, arch: this.#source.map.arch },
      [...this.#nodes.values()].map(({ memory }) => memory).filter((node) => node.online),
    );
    const floors = this.#floorsOf(room.memory, highest);
    let left = wanted;
    for (let zone = highest as number; zone >= 0 && left > 0; zone--) {
      const above = (room.free[zone] as number) - (floors[zone] as number);
      const cache = from === "cache" ? (room.cache[zone] as number) : 0;
      const pages = Math.max(0, Math.min(left, above + cache));
      const reclaimed = Math.min(cache, Math.max(0, pages - above));
      room.cache[zone] = (room.cache[zone] as number) - reclaimed;
      room.free[zone] = (room.free[zone] as number) + reclaimed;
      this.#land(room, zone, pages);
      left -= pages;
    }
    return wanted - left;
  }

  /** Free ones of the pool first; 6.x also makes new ones of the smaller size (facts §4.4). @returns hugepages taken. */
  #takeHugepages(id: number, order: number, wanted: number): number {
    const room = this.#room(id);
    const pooled = Math.min(wanted, room.hugepages.get(order) ?? 0);
    room.hugepages.set(order, (room.hugepages.get(order) ?? 0) - pooled);
    if (this.#source.kernel.pages.target === "local-kernel-zones" || order > this.#source.map.arch.pageblockOrder)
      return pooled;
    let made = 0;
    for (let zone = ZONE_MOVABLE as number; zone >= 0; zone--) {
      const here = Math.max(0, Math.min(wanted - pooled - made, Math.floor((room.free[zone] as number) / 2 ** order)));
      this.#land(room, zone, here * 2 ** order);
      made += here;
    }
    return pooled + made;
  }

  #land(room: NodeRoom, zone: number, pages: number): void {
    room.free[zone] = (room.free[zone] as number) - pages;
    room.landed[zone] = (room.landed[zone] as number) + pages;
  }

  #room(node: number): NodeRoom {
    const room = this.#nodes.get(node);
    if (room === undefined) throw new Error(`memhp bug: no node ${node}`);
    return room;
  }
}

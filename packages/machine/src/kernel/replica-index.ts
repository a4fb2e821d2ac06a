import { BlockState, type MemoryMap, type NodeMemory, nodesOfBlock, zoneFloors, zoneWatermarks } from "@memhp/engine";

/** What the shards have told of the machine, and how often. */
export interface Replica {
  readonly map: MemoryMap;
  readonly revision: { readonly map: number; readonly pages: number };
}

/** Computes something anew only when the number changes. */
export function remembered<T>(revision: () => number, compute: () => T): () => T {
  let at = -1;
  let value: T;
  return () => {
    const now = revision();
    if (now !== at) {
      value = compute();
      at = now;
    }
    return value;
  };
}

/** What many files ask of all blocks or all nodes, counted once for as long as nothing changes. */
export class ReplicaIndex {
  /** By id. */
  readonly onlineNodes: () => readonly NodeMemory[];
  readonly watermarks: () => ReturnType<typeof zoneWatermarks>;
  readonly floors: () => ReturnType<typeof zoneFloors>;
  readonly #blocksByNode: () => ReadonlyMap<number, readonly number[]>;
  readonly #leaving: () => ReadonlySet<string>;

  constructor(replica: Replica) {
    const { map } = replica;
    const revision = (): number => replica.revision.map;
    this.onlineNodes = remembered(revision, () =>
      [...map.nodes.values()].filter((node) => node.online).sort((a, b) => a.id - b.id),
    );
    this.watermarks = remembered(revision, () => zoneWatermarks(map, this.onlineNodes()));
    this.floors = remembered(revision, () => zoneFloors(map, this.onlineNodes()));
    this.#blocksByNode = remembered(revision, () => blocksByNode(map));
    this.#leaving = remembered(revision, () => leavingZones(map));
  }

  /** Blocks with pages on a node, ascending. */
  blocksOf(node: number): readonly number[] {
    return this.#blocksByNode().get(node) ?? [];
  }

  /** True while a block of the zone goes offline. */
  isLeaving(node: number, zone: number): boolean {
    return this.#leaving().has(`${node}/${zone}`);
  }
}

function blocksByNode(map: MemoryMap): Map<number, number[]> {
  const blocks = new Map<number, number[]>();
  for (const block of map.blocks.ids()) {
    for (const node of nodesOfBlock(map, block)) {
      const own = blocks.get(node);
      if (own === undefined) blocks.set(node, [block]);
      else own.push(block);
    }
  }
  return blocks;
}

function leavingZones(map: MemoryMap): Set<string> {
  const zones = new Set<string>();
  for (const block of map.blocks.ids())
    if (map.blocks.state(block) === BlockState.goingOffline)
      zones.add(`${map.blocks.node(block)}/${map.blocks.zone(block)}`);
  return zones;
}

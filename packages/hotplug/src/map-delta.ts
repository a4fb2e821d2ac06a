import {
  type BlockPart,
  copyNode,
  flagUnmovable,
  type MemoryMap,
  nodeOf,
  nodePages,
  type NodePages,
  type NodeStores,
} from "@memhp/engine";
import type { MapDelta } from "./request.ts";
import type { TouchedBlocks } from "./touched-blocks.ts";
import { syncManagedOfNode } from "./withheld.ts";

interface NodesMemory {
  readonly map: MemoryMap;
  readonly stores: NodeStores;
}

/** Marks the blocks of these nodes that hold pages which do not move, or that do not any more. */
export function flagBlocks({ map, stores }: NodesMemory, nodes: ReadonlySet<number>, touched: TouchedBlocks): void {
  for (const block of flagUnmovable(map, stores, nodes)) touched.add(block);
}

/**
 * What a replica of the map copies.
 * @param pages nodes whose pages may have changed.
 */
export function deltaOf(
  memory: NodesMemory,
  touched: TouchedBlocks,
  nodes: ReadonlySet<number>,
  pages: ReadonlySet<number>,
): MapDelta {
  const { map, stores } = memory;
  const parts: [block: number, parts: readonly BlockPart[]][] = [];
  for (const block of map.parts.size === 0 ? [] : touched) {
    const own = map.parts.get(block);
    if (own !== undefined) parts.push([block, own]);
  }
  const changed = new Set(nodes);
  for (const id of pages) if (syncManagedOfNode(memory, id)) changed.add(id);
  return {
    rows: map.blocks.runsOf(touched),
    parts,
    nodes: [...changed].map((id) => copyNode(nodeOf(map, id))),
    pages: [...pages].map((id) => nodePages(stores.of(id), id)),
  };
}

/** Copies a delta into a replica of the map; page counters by node where somebody keeps them. */
export function applyDelta(map: MemoryMap, delta: MapDelta, pages?: Map<number, NodePages>): void {
  if (pages !== undefined) for (const counters of delta.pages) pages.set(counters.node, counters);
  for (const { row, count } of delta.rows) {
    map.blocks.putRun(row, count);
    if (map.parts.size > 0) for (let i = 0; i < count; i++) map.parts.delete(row.id + i);
  }
  for (const [block, parts] of delta.parts) map.parts.set(block, parts);
  for (const node of delta.nodes) map.nodes.set(node.id, node);
}

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
  for (const { first, end } of map.parts.size === 0 ? [] : touched.ranges()) {
    for (const block of keysWithin(map.parts, first, end))
      parts.push([block, map.parts.get(block) as readonly BlockPart[]]);
  }
  const changed = new Set(nodes);
  for (const id of pages) if (syncManagedOfNode(memory, id)) changed.add(id);
  return {
    rows: map.blocks.runsOf(touched.ranges()),
    parts,
    nodes: [...changed].map((id) => copyNode(nodeOf(map, id))),
    pages: [...pages].map((id) => nodePages(stores.of(id), id)),
  };
}

/** Keys of a map in a range, ascending. Few blocks have parts, and a range may be a whole node. */
function keysWithin(map: ReadonlyMap<number, unknown>, first: number, end: number): number[] {
  const keys: number[] = [];
  if (end - first <= map.size) {
    for (let key = first; key < end; key++) if (map.has(key)) keys.push(key);
    return keys;
  }
  for (const key of map.keys()) if (key >= first && key < end) keys.push(key);
  return keys.sort((a, b) => a - b);
}

/** Copies a delta into a replica of the map; page counters by node where somebody keeps them. */
export function applyDelta(map: MemoryMap, delta: MapDelta, pages?: Map<number, NodePages>): void {
  if (pages !== undefined) for (const counters of delta.pages) pages.set(counters.node, counters);
  for (const { row, count } of delta.rows) {
    map.blocks.putRun(row, count);
    for (const block of keysWithin(map.parts, row.id, row.id + count)) map.parts.delete(block);
  }
  for (const [block, parts] of delta.parts) map.parts.set(block, parts);
  for (const node of delta.nodes) map.nodes.set(node.id, node);
}

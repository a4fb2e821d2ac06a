import type { Architecture, ZoneIndex } from "@memhp/abi";
import type { EngineKernel } from "./engine-kernel.ts";
import { BlockState, BlockTable, MIXED_ZONES, NO_ZONE } from "./block-table.ts";
import { emptyZone, type Span, type Zone } from "./zone.ts";

/** Pages of one block that one node and zone hold; kept only for blocks with holes, more than one zone, or sections that are missing. */
export interface BlockPart {
  readonly startPfn: number;
  readonly endPfn: number;
  readonly node: number;
  readonly zone: ZoneIndex;
  /** False for a hole: there is a struct page, which says node and zone, but no RAM. */
  readonly ram: boolean;
}

/** `pg_data_t` as far as hotplug reads and writes it, with the node's bits in the node masks. */
export interface NodeMemory extends Span {
  readonly id: number;
  readonly zones: readonly [Zone, Zone, Zone, Zone, Zone];
  presentPages: number;
  /** nr_zones of 4.1: one past the zone initialised last. */
  nrZones: number;
  /** N_ONLINE: the node's directory exists. */
  online: boolean;
  /** N_NORMAL_MEMORY and N_MEMORY. */
  hasNormalMemory: boolean;
  hasMemory: boolean;
}

/** A node without memory. */
export function emptyNode(id: number): NodeMemory {
  return {
    id,
    zones: [emptyZone(0), emptyZone(1), emptyZone(2), emptyZone(3), emptyZone(4)],
    startPfn: 0,
    spannedPages: 0,
    presentPages: 0,
    nrZones: 0,
    online: false,
    hasNormalMemory: false,
    hasMemory: false,
  };
}

/** A copy that shares nothing with the original. */
export function copyNode(node: NodeMemory): NodeMemory {
  const [dma, dma32, normal, movable, device] = node.zones;
  return { ...node, zones: [{ ...dma }, { ...dma32 }, { ...normal }, { ...movable }, { ...device }] };
}

/** Blocks, nodes and zones of a machine, or of the nodes that one shard owns. Plain data; the rules are functions over it. */
export interface MemoryMap {
  readonly kernel: EngineKernel;
  readonly arch: Architecture;
  readonly blockPages: number;
  readonly blocks: BlockTable;
  readonly parts: Map<number, readonly BlockPart[]>;
  /** Frames of offline blocks that a driver keeps from the allocator when their block goes online; of online ones their pages tell. */
  readonly withheld: Map<number, readonly WithheldRange[]>;
  readonly nodes: Map<number, NodeMemory>;
}

/** Neighbouring frames that a driver keeps, under its name. */
export interface WithheldRange {
  readonly startPfn: number;
  readonly nrPages: number;
  readonly owner: string;
}

/** A map without nodes or blocks. */
export function createMemoryMap(kernel: EngineKernel, arch: Architecture, blockPages: number): MemoryMap {
  return {
    kernel,
    arch,
    blockPages,
    blocks: new BlockTable(),
    parts: new Map(),
    withheld: new Map(),
    nodes: new Map(),
  };
}

/** The memory of a node. @throws RangeError for a node that the map does not have. */
export function nodeOf(map: MemoryMap, id: number): NodeMemory {
  const node = map.nodes.get(id);
  if (node === undefined)
    throw new RangeError(`node: expected one of ${[...map.nodes.keys()].join(", ")}, found ${id}`);
  return node;
}

/** The zone that holds a block's pages. @throws RangeError for a block without one zone. */
export function zoneOfBlock(map: MemoryMap, block: number): Zone {
  const index = map.blocks.zone(block);
  if (index === MIXED_ZONES || index === NO_ZONE)
    throw new RangeError(`block: expected one whose pages are in one zone, found ${block}`);
  return nodeOf(map, map.blocks.node(block)).zones[index as ZoneIndex];
}

/** The first page of a block, a pfn. */
export function blockStartPfn(map: MemoryMap, block: number): number {
  return block * map.blockPages;
}
/** One past the last page of a block, a pfn. */
export function blockEndPfn(map: MemoryMap, block: number): number {
  return (block + 1) * map.blockPages;
}

/** Parts of a block that hold RAM: the stored ones, or the whole block in its one zone. */
export function partsOfBlock(map: MemoryMap, block: number): readonly BlockPart[] {
  const stored = map.parts.get(block);
  if (stored !== undefined) return stored.filter((part) => part.ram);
  const zone = map.blocks.zone(block);
  if (zone === NO_ZONE) return [];
  return [
    {
      startPfn: blockStartPfn(map, block),
      endPfn: blockEndPfn(map, block),
      node: map.blocks.node(block),
      zone: zone as ZoneIndex,
      ram: true,
    },
  ];
}

/** Nodes that hold pages of a block, ascending: one link `nodeN` each. */
export function nodesOfBlock(map: MemoryMap, block: number): number[] {
  const stored = map.parts.get(block);
  if (stored === undefined) return [map.blocks.node(block)];
  return [...new Set(stored.filter((part) => part.ram).map((part) => part.node))].sort((a, b) => a - b);
}

/** Where `struct page` of a pfn says the page is. */
export interface PageHome {
  readonly node: number;
  readonly zone: ZoneIndex;
}

/** Node and zone bits of a page, or undefined where its section is absent or no zone holds it. */
export function pageHome(map: MemoryMap, pfn: number): PageHome | undefined {
  const block = Math.floor(pfn / map.blockPages);
  if (!map.blocks.has(block)) return undefined;
  const stored = map.parts.get(block);
  if (stored !== undefined) return stored.find((part) => pfn >= part.startPfn && pfn < part.endPfn);
  const zone = map.blocks.zone(block);
  return zone === NO_ZONE ? undefined : { node: map.blocks.node(block), zone: zone as ZoneIndex };
}

/**
 * Struct pages that say they are a node's, in blocks of other nodes: those past the end of RAM read as node 0, ZONE_DMA, until
 * somebody writes them (observed-4.1 Q7). A shard that does not have those blocks is told of them.
 */
export function strayParts(map: MemoryMap, node: number): BlockPart[] {
  const strays: BlockPart[] = [];
  for (const [block, parts] of map.parts)
    if (map.blocks.node(block) !== node) strays.push(...parts.filter((part) => part.node === node));
  return strays;
}

/** True where the page is online: its block is, and the pfn is RAM of the block. */
export function isBlockOnline(map: MemoryMap, block: number): boolean {
  const state = map.blocks.state(block);
  return state === BlockState.online || state === BlockState.goingOffline;
}

/** Re-tags every page of a block with another zone of its node (fix_zone_id of 4.1), holes and parts included. */
export function retagBlock(map: MemoryMap, block: number, zone: ZoneIndex): void {
  map.blocks.setZone(block, zone);
  const parts = map.parts.get(block);
  if (parts !== undefined)
    map.parts.set(
      block,
      parts.map((part) => ({ ...part, node: map.blocks.node(block), zone })),
    );
}

import { ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { BlockFlag } from "../block-table.ts";
import { blockStartPfn, type BlockPart, isBlockOnline, type MemoryMap } from "../memory-map.ts";
import { PageStore } from "./page-store.ts";
import { managedPages, type PagePart, populateBlock, reserveRange } from "./populate.ts";
import { isRangeFree } from "./carve.ts";
import { flagUnmovable } from "../unmovable-flags.ts";

/**
 * The page map of each node, a store by itself. So what happens to the pages of one node cannot depend on
 * which other nodes happen to share its thread.
 */
export class NodeStores {
  readonly #map: MemoryMap;
  readonly #stores = new Map<number, PageStore>();

  constructor(map: MemoryMap) {
    this.#map = map;
  }

  /** Gives a node the pages that it had. */
  restore(node: number, store: PageStore): void {
    this.#stores.set(node, store);
  }

  of(node: number): PageStore {
    let store = this.#stores.get(node);
    if (store === undefined) {
      store = new PageStore(this.#map.kernel.pages, this.#map.arch, this.#map.blockPages);
      // The node's own zones come first, so that a zone's slot is its index.
      store.zoneSlot(node, 0);
      this.#stores.set(node, store);
    }
    return store;
  }
}

/** Where the kernel put its own pages while it booted. */
export interface KernelPlacement {
  /** Boot blocks that hold some of them; `all`: every one in a kernel zone, as on a system that has run for a while. */
  readonly kernelBlocks: "all" | readonly number[];
}

/** Fills the page maps of a machine as they are after boot; corrects `managed`, and flags what 4.1 calls not removable. */
export function bootStores(map: MemoryMap, options: KernelPlacement = { kernelBlocks: [] }): NodeStores {
  const stores = new NodeStores(map);
  const kernelBlocks = options.kernelBlocks === "all" ? undefined : new Set(options.kernelBlocks);
  const holds: Holds = (block, zone) => (kernelBlocks === undefined ? zone !== ZONE_MOVABLE : kernelBlocks.has(block));
  // Boot frees memory from the lowest address up, so that the lists begin with it in 6.x and end with it in 4.1.
  for (const block of map.blocks.ids()) {
    const several = map.parts.get(block);
    if (several !== undefined) populateParts(map, stores, block, several, holds);
    else if (isBlockOnline(map, block)) populateWhole(map, stores, block, holds);
  }
  const bootPages = [...map.nodes.values()].reduce((sum, node) => sum + node.presentPages, 0);
  const memmapPages = Math.ceil((bootPages * MEMMAP_BYTES_PER_PAGE) / 2 ** map.arch.pageShift);
  reserveKernelImage(map, stores, options.kernelBlocks === "all" ? 0 : memmapPages);
  for (const node of map.nodes.values()) {
    const store = stores.of(node.id);
    for (const zone of node.zones) {
      if (zone.presentPages > 0 && zone.spannedPages > 0)
        zone.managedPages = managedPages(store, store.zoneSlot(node.id, zone.index));
    }
  }
  flagUnmovable(map, stores, new Set(map.nodes.keys()));
  return stores;
}

type Holds = (block: number, zone: number) => boolean;

function populateWhole(map: MemoryMap, stores: NodeStores, block: number, holds: Holds): void {
  const node = map.blocks.node(block);
  const zone = map.blocks.zone(block) as ZoneIndex;
  const kernelHolds = map.blocks.hasFlag(block, BlockFlag.early) && holds(block, zone);
  populateBlock(stores.of(node), { block, node, zone, kernelHolds });
}

/** A block of several zones or with holes; of several nodes, each node's page map has its own part. */
function populateParts(
  map: MemoryMap,
  stores: NodeStores,
  block: number,
  parts: readonly BlockPart[],
  holds: Holds,
): void {
  for (const node of new Set(parts.flatMap((part) => (part.ram && map.nodes.has(part.node) ? [part.node] : [])))) {
    const kernelHolds = holds(block, parts.find((part) => part.node === node)?.zone ?? 0);
    populateBlock(stores.of(node), { block, node, zone: 0, parts: partsOfNode(parts, node), kernelHolds });
  }
}

/** What other nodes have of a block is a hole in this node's page map. */
function partsOfNode(parts: readonly BlockPart[], node: number): PagePart[] {
  return parts.map((part) => (part.node === node ? part : { ...part, node, ram: false }));
}

const MEMMAP_BYTES_PER_PAGE = 64;

function reserveLowMemory(map: MemoryMap, stores: NodeStores): void {
  const pages = map.kernel.boot.reserve.lowPages;
  const node = map.blocks.has(0) ? map.blocks.node(0) : undefined;
  if (node !== undefined && map.parts.has(0) && isRangeFree(stores.of(node), 1, pages))
    reserveRange(stores.of(node), 1, pages);
}

/**
 * The kernel itself, in the block that holds its load address. Without blocks that are known to hold kernel
 * pages the memmap of boot memory lies there too; that block spans zones and never goes offline.
 */
function reserveKernelImage(map: MemoryMap, stores: NodeStores, memmapPages: number): void {
  reserveLowMemory(map, stores);
  const { kernelStartPfn, zones } = map.arch;
  const block = Math.floor(kernelStartPfn / map.blockPages);
  const node = map.blocks.has(block) ? map.blocks.node(block) : undefined;
  if (node === undefined || !map.parts.has(block)) return;
  const endPfn = Math.min(blockStartPfn(map, block + 1), zones.find(([, end]) => end > kernelStartPfn)?.[1] ?? 0);
  const step = 2 ** map.arch.maxPageOrder;
  const wanted = map.kernel.boot.reserve.kernelPages + memmapPages;
  const store = stores.of(node);
  for (let pfn = kernelStartPfn; pfn < Math.min(endPfn, kernelStartPfn + wanted); pfn += step) {
    if (isRangeFree(store, pfn, step)) reserveRange(store, pfn, step);
  }
}

import { type ZoneIndex, STRUCT_PAGE_BYTES } from "@memhp/abi";
import { BlockFlag } from "../block-table.ts";
import type { KernelRange } from "../kernel-memory.ts";
import { blockStartPfn, type BlockPart, isBlockOnline, type MemoryMap } from "../memory-map.ts";
import { PageStore } from "./page-store.ts";
import {
  type HeldChunks,
  holdPart,
  managedPages,
  ownPart,
  type PagePart,
  populateBlock,
  reserveRange,
} from "./populate.ts";
import { BootReservations } from "./boot-reservations.ts";
import { isRangeFree } from "./split-free-chunk.ts";
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

/** Where the kernel's own memory lies after boot. */
export interface KernelPlacement {
  /** Frames, as `kernelMemory` finds them; or boot blocks of which somebody has seen that they hold some (`given`). */
  readonly kernelMemory: readonly KernelRange[] | { readonly blocks: readonly number[] };
}

const NOWHERE: KernelPlacement = { kernelMemory: { blocks: [] } };

function isFrames(memory: KernelPlacement["kernelMemory"]): memory is readonly KernelRange[] {
  return Array.isArray(memory);
}

/** Fills the page maps of a machine as they are after boot; corrects `managed`, and flags what 4.1 calls not removable. */
export function bootStores(map: MemoryMap, { kernelMemory }: KernelPlacement = NOWHERE): NodeStores {
  const stores = new NodeStores(map);
  const place = isFrames(kernelMemory) ? placeFrames(map, kernelMemory) : placeInBlocks(kernelMemory.blocks);
  // Boot frees memory from the lowest address up, so that the lists begin with it in 6.x and end with it in 4.1.
  for (const block of map.blocks.ids()) {
    const several = map.parts.get(block);
    if (several !== undefined) populateParts(map, stores, block, several, place);
    else if (isBlockOnline(map, block)) populateWhole(map, stores, block, place);
  }
  if (!isFrames(kernelMemory)) {
    const bootPages = [...map.nodes.values()].reduce((sum, node) => sum + node.presentPages, 0);
    reserveKernelImage(map, stores, Math.ceil((bootPages * STRUCT_PAGE_BYTES) / 2 ** map.arch.pageShift));
  }
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

/** What of a block the kernel holds when it has booted. */
interface Placement {
  readonly whole: ReadonlyMap<number, HeldChunks>;
  /** Of what a node has of a block that it shares; absent where frames count. */
  chunks?(node: number, block: number): HeldChunks | undefined;
  /** Of another block with parts. */
  take(store: PageStore, node: number, block: number, parts: readonly PagePart[]): void;
  /** Of a whole block by frames, where it is not in `whole`. */
  takeOfWhole?(store: PageStore, node: number, block: number, parts: readonly PagePart[]): void;
}

/** A block of fewer largest buddies is too small to count what the kernel holds of it in them (ia64 has one of 1 GiB, arm64 with 64K pages of 512 MiB). */
const FEW_CHUNKS = 16;

function placeFrames(map: MemoryMap, ranges: readonly KernelRange[]): Placement {
  const chunkPages = 2 ** map.arch.maxPageOrder;
  const reservations = new BootReservations(ranges, map.blockPages, chunkPages);
  const takeFrames: Placement["take"] = (store, node, block) => reservations.takeFrames(store, node, block);
  return map.blockPages / chunkPages < FEW_CHUNKS
    ? { whole: new Map(), take: takeFrames, takeOfWhole: takeFrames }
    : {
        whole: reservations.chunks(),
        chunks: (node, block) => reservations.chunksOf(node, block),
        take: takeFrames,
      };
}

function placeInBlocks(blocks: readonly number[]): Placement {
  const whole = new Map(blocks.map((block): [number, HeldChunks] => [block, { reserved: 1, kernel: 0 }]));
  return {
    whole,
    chunks: (_node, block) => whole.get(block),
    take(store, _node, block, parts) {
      if (whole.has(block)) holdPart(store, parts);
    },
  };
}

function populateWhole(map: MemoryMap, stores: NodeStores, block: number, place: Placement): void {
  const node = map.blocks.node(block);
  const early = map.blocks.hasFlag(block, BlockFlag.early);
  const held = early ? place.whole.get(block) : undefined;
  const zone = map.blocks.zone(block) as ZoneIndex;
  populateBlock(stores.of(node), { block, node, zone, ...(held === undefined ? {} : { held }) });
  if (early) place.takeOfWhole?.(stores.of(node), node, block, []);
}

/** A block of several zones or with holes; of several nodes, each node's page map has its own part. */
function populateParts(
  map: MemoryMap,
  stores: NodeStores,
  block: number,
  parts: readonly BlockPart[],
  place: Placement,
): void {
  for (const node of new Set(parts.flatMap((part) => (part.ram && map.nodes.has(part.node) ? [part.node] : [])))) {
    const own = partsOfNode(parts, node);
    const store = stores.of(node);
    const isRow = place.chunks !== undefined && ownPart(store, own) !== undefined;
    const held = isRow ? place.chunks?.(node, block) : undefined;
    populateBlock(store, { block, node, zone: 0, parts: own, ...(held === undefined ? {} : { held }) });
    if (!isRow) place.take(store, node, block, own);
  }
}

/** What other nodes have of a block is a hole in this node's page map. */
function partsOfNode(parts: readonly BlockPart[], node: number): PagePart[] {
  return parts.map((part) =>
    part.node === node ? part : { ...part, node, ram: false, ...(part.ram ? { isForeign: true } : {}) },
  );
}

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

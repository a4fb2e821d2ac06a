import {
  type Architecture,
  maxOrderPages,
  type PfnRange,
  ZONE_DMA,
  ZONE_MOVABLE,
  ZONE_NORMAL,
  type ZoneIndex,
  STRUCT_PAGE_BYTES,
} from "@memhp/abi";
import { BlockFlag, type BlockRow, BlockState, MIXED_ZONES } from "./block-table.ts";
import { type BlockPart, createMemoryMap, emptyNode, type MemoryMap, type NodeMemory } from "./memory-map.ts";
import { findZoneMovablePfns, type MovableOptions, type NodeRam } from "./movable-split.ts";
import type { EngineKernel } from "./engine-kernel.ts";

/** Boot memory of one node as firmware and boot options leave it, and the node's processors. */
export interface BootNode extends NodeRam {
  readonly cpus: readonly number[];
  /** Online from boot, even without memory and processors. */
  readonly online?: boolean;
}

/** What boot memory is made of: the kernel, the architecture, the nodes with their ranges, and the kernel's options. */
export interface BootLayout {
  readonly kernel: EngineKernel;
  readonly arch: Architecture;
  readonly blockPages: number;
  readonly nodes: readonly BootNode[];
  /** Frames that are present and not mapped. */
  readonly unmapped?: readonly PfnRange[];
  /** Frames that boot sets aside before all else: those of a crash kernel. */
  readonly setAside?: readonly PfnRange[];
  readonly options: MovableOptions;
}

/**
 * Nodes, zones and the blocks of boot memory, all online (observed-4.1 §9, observed-6 §4).
 */
export function bootMemoryMap(layout: BootLayout): MemoryMap {
  const map = createMemoryMap(layout.kernel, layout.arch, layout.blockPages);
  const movableStart = movableStarts(layout);
  for (const boot of layout.nodes) {
    map.nodes.set(boot.node, bootNode(layout, boot, movableStart.get(boot.node)));
  }
  bootBlocks(map, layout, movableStart);
  return map;
}

/** First pfn of ZONE_MOVABLE per node, from the boot options. */
export function movableStarts(layout: BootLayout): Map<number, number> {
  const endPfn = Math.max(0, ...layout.nodes.map((node) => node.ranges.at(-1)?.endPfn ?? 0));
  // movable_zone: the highest kernel zone that can hold RAM.
  const starts = layout.arch.zones.map((_, i) => layout.arch.zones[i - 1]?.[1] ?? 0);
  const lowestPfn = starts.findLast((start) => endPfn > start) ?? 0;
  return findZoneMovablePfns(layout.kernel, layout.nodes, layout.options, {
    lowestPfn,
    maxOrderPages: maxOrderPages(layout.arch),
  });
}

function bootNode(layout: BootLayout, boot: BootNode, movableStart: number | undefined): NodeMemory {
  const node = emptyNode(boot.node);
  node.online = boot.online === true || boot.ranges.length > 0 || boot.cpus.length > 0;
  const first = boot.ranges[0];
  const last = boot.ranges.at(-1);
  if (first === undefined || last === undefined) return node;
  node.startPfn = first.startPfn;
  node.spannedPages = last.endPfn - first.startPfn;
  const cut = movableStart ?? Number.POSITIVE_INFINITY;
  let low = 0;
  for (const [index, high] of layout.arch.zones) {
    setSpan(layout, node, index, Math.max(first.startPfn, low), Math.min(last.endPfn, high, cut), boot.ranges);
    low = high;
  }
  if (movableStart !== undefined) {
    setSpan(layout, node, ZONE_MOVABLE, movableStart, last.endPfn, boot.ranges);
    // A start rounded past the node's end leaves an empty zone with present pages (observed-4.1 Q6).
    if (movableStart > last.endPfn) node.zones[ZONE_MOVABLE].presentPages = movableStart - last.endPfn;
  }
  node.presentPages = node.zones.reduce((sum, zone) => sum + zone.presentPages, 0);
  node.nrZones = 1 + Math.max(-1, ...node.zones.filter((zone) => zone.initialised).map((zone) => zone.index));
  node.hasMemory = node.presentPages > 0;
  node.hasNormalMemory = node.zones.some((zone) => zone.index <= ZONE_NORMAL && zone.presentPages > 0);
  if (!layout.kernel.config.MOVABLE_NODE) node.hasNormalMemory = node.hasMemory;
  return node;
}

function setSpan(
  layout: BootLayout,
  node: NodeMemory,
  index: ZoneIndex,
  startPfn: number,
  endPfn: number,
  ranges: readonly PfnRange[],
): void {
  if (startPfn >= endPfn) return;
  const zone = node.zones[index];
  zone.startPfn = startPfn;
  zone.spannedPages = endPfn - startPfn;
  zone.initialised = true;
  for (const range of ranges)
    zone.presentPages += Math.max(0, Math.min(range.endPfn, endPfn) - Math.max(range.startPfn, startPfn));
  zone.earlyPages = zone.presentPages;
  zone.managedPages = zone.presentPages - reservedAtBoot(layout, zone.index, zone.presentPages);
}

/**
 * Pages that the kernel keeps for itself at boot: the memmap (64 bytes a page), and in
 * ZONE_DMA what 4.1 and 6.x were seen to keep. Real kernels vary from boot to boot
 * (observed-6 §4), so no trace is compared with it.
 */
function reservedAtBoot(layout: BootLayout, index: ZoneIndex, presentPages: number): number {
  if (index === ZONE_DMA) return Math.min(presentPages, layout.kernel.boot.reserve.lowPages);
  return Math.ceil((presentPages * STRUCT_PAGE_BYTES) / 2 ** layout.arch.pageShift);
}

function bootBlocks(map: MemoryMap, layout: BootLayout, movableStart: ReadonlyMap<number, number>): void {
  const partial = new Map<number, BlockPart[]>();
  for (const boot of [...layout.nodes].sort((a, b) => (a.ranges[0]?.startPfn ?? 0) - (b.ranges[0]?.startPfn ?? 0))) {
    const cut = movableStart.get(boot.node) ?? Number.POSITIVE_INFINITY;
    for (const range of boot.ranges) {
      for (const part of splitAtZones(layout.arch.zones, range, boot.node, cut)) {
        const firstBlock = Math.floor(part.startPfn / map.blockPages);
        const lastBlock = Math.ceil(part.endPfn / map.blockPages) - 1;
        const firstWhole = Math.ceil(part.startPfn / map.blockPages);
        const wholes = Math.max(0, Math.floor(part.endPfn / map.blockPages) - firstWhole);
        if (wholes > 0) map.blocks.putRun(bootRow(firstWhole, part.node, part.zone, map.blockPages), wholes);
        for (const id of new Set([firstBlock, lastBlock])) {
          const startPfn = Math.max(part.startPfn, id * map.blockPages);
          const endPfn = Math.min(part.endPfn, (id + 1) * map.blockPages);
          if (endPfn - startPfn !== map.blockPages)
            partial.set(id, [...(partial.get(id) ?? []), { ...part, startPfn, endPfn }]);
        }
      }
    }
  }
  for (const [id, parts] of partial) {
    const first = parts[0] as BlockPart;
    const oneZone = parts.every((part) => part.zone === first.zone && part.node === first.node);
    const pages = parts.reduce((sum, part) => sum + part.endPfn - part.startPfn, 0);
    map.blocks.put(bootRow(id, first.node, oneZone ? first.zone : MIXED_ZONES, pages));
    map.parts.set(id, withHoles(layout, movableStart, id, parts));
  }
  for (const { startPfn, endPfn } of layout.unmapped ?? []) {
    for (let id = Math.floor(startPfn / map.blockPages); id * map.blockPages < endPfn; id++)
      if (map.blocks.has(id)) map.blocks.setFlag(id, BlockFlag.unmapped, true);
  }
}

/** Adds the holes of a block, with the node and zone that boot wrote into their struct pages. */
function withHoles(
  layout: BootLayout,
  movableStart: ReadonlyMap<number, number>,
  block: number,
  parts: readonly BlockPart[],
): BlockPart[] {
  const all: BlockPart[] = [];
  let pfn = block * layout.blockPages;
  const fill = (endPfn: number, next: BlockPart | undefined): void => {
    if (pfn < endPfn)
      all.push({ startPfn: pfn, endPfn, ...holeHome(layout, movableStart, pfn, all.at(-1), next), ram: false });
    pfn = endPfn;
  };
  for (const part of parts) {
    fill(part.startPfn, part);
    all.push(part);
    pfn = part.endPfn;
  }
  fill((block + 1) * layout.blockPages, undefined);
  return all;
}

/**
 * 6.x gives a hole the home of the memory after it, or before it at the end of a section
 * (b_fuzz_kernelcore). 4.1 writes only the pages inside a zone's span; the others stay zero and
 * read as node 0, ZONE_DMA, which its span search trips over (observed-4.1 Q7).
 */
function holeHome(
  layout: BootLayout,
  movableStart: ReadonlyMap<number, number>,
  pfn: number,
  before: BlockPart | undefined,
  after: BlockPart | undefined,
): { node: number; zone: ZoneIndex } {
  if (layout.kernel.boot.holeHome === "neighbour") {
    const home = after ?? before;
    if (home !== undefined) return { node: home.node, zone: home.zone };
  }
  for (const boot of layout.nodes) {
    const first = boot.ranges[0];
    const last = boot.ranges.at(-1);
    if (first === undefined || last === undefined || pfn < first.startPfn || pfn >= last.endPfn) continue;
    const zone = layout.arch.zones.find(([, end]) => pfn < end)?.[0] ?? ZONE_NORMAL;
    return {
      node: boot.node,
      zone: pfn >= (movableStart.get(boot.node) ?? Number.POSITIVE_INFINITY) ? ZONE_MOVABLE : zone,
    };
  }
  return { node: 0, zone: ZONE_DMA };
}

function* splitAtZones(
  zones: Architecture["zones"],
  range: PfnRange,
  node: number,
  movableStart: number,
): Generator<BlockPart> {
  let startPfn = range.startPfn;
  for (const [zone, end] of zones) {
    const endPfn = Math.min(range.endPfn, end, movableStart);
    if (startPfn >= endPfn) continue;
    yield { startPfn, endPfn, node, zone, ram: true };
    startPfn = endPfn;
  }
  if (startPfn < range.endPfn) yield { startPfn, endPfn: range.endPfn, node, zone: ZONE_MOVABLE, ram: true };
}

function bootRow(id: number, node: number, zone: number, presentPages: number): BlockRow {
  return {
    id,
    state: BlockState.online,
    zone,
    flags: BlockFlag.early,
    node,
    presentPages,
    altmapPages: 0,
    group: -1,
    onlineType: "online",
  };
}

import { PAGE_KB, ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import type { MemoryMap, NodeMemory } from "./memory-map.ts";
import type { WatermarkRules } from "./watermark-rules.ts";

/** Watermarks of one zone; pages. */
export interface Watermarks {
  readonly minPages: number;
  readonly lowPages: number;
  readonly highPages: number;
  readonly promoPages: number;
}

/** What the kernel and the machine say of watermarks. */
export type WatermarkSource = Pick<MemoryMap, "kernel" | "arch">;

type WatermarkOf = (node: NodeMemory, zone: ZoneIndex) => Watermarks;
/** watermark_scale_factor: ten thousandths of the zone. */
const WATERMARK_SCALE = 10;
const LEAST_MIN_FREE_KB = 128;
/** With less RAM at boot there are no transparent hugepages, and nothing raises min_free_kbytes for them. */
const LEAST_THP_PAGES = (512 * 1024) / PAGE_KB;
/** Two free pageblocks, and for each of three migratetypes one to fall back to of each: set_recommended_min_free_kbytes. */
const PAGEBLOCKS_PER_ZONE = 11;

function sumOf(
  nodes: readonly NodeMemory[],
  of: (node: NodeMemory, zone: NodeMemory["zones"][number]) => number,
): number {
  return nodes.reduce((sum, node) => sum + node.zones.reduce((s, zone) => s + of(node, zone), 0), 0);
}

/** nr_free_buffer_pages: kernel zones of all nodes, without what lies below their high watermarks. */
function bufferPages(nodes: readonly NodeMemory[], marks?: WatermarkOf): number {
  return sumOf(nodes, (node, { index, managedPages }) =>
    index > ZONE_NORMAL ? 0 : Math.max(0, managedPages - (marks?.(node, index).highPages ?? 0)),
  );
}

/** calculate_min_free_kbytes: four times the root of low memory, within limits. @returns pages. */
function rootPages({ mostMinFreeKb }: WatermarkRules, lowmemPages: number): number {
  const root = Math.floor(Math.sqrt(lowmemPages * PAGE_KB * 16));
  return Math.floor(Math.min(Math.max(root, LEAST_MIN_FREE_KB), mostMinFreeKb) / PAGE_KB);
}

/** set_recommended_min_free_kbytes: pageblocks of the kernel zones, but never more than 5 % of low memory. @returns pages. */
function recommendedPages({ arch }: WatermarkSource, nodes: readonly NodeMemory[], lowmemPages: number): number {
  const zones = sumOf(nodes, (_, zone) => Number(zone.index <= ZONE_NORMAL && zone.presentPages > 0));
  return Math.min(zones * PAGEBLOCKS_PER_ZONE * 2 ** arch.pageblockOrder, Math.floor(lowmemPages / 20));
}

/** __setup_per_zone_wmarks: each zone's share of so many pages. */
function sharesOf({ movable, step }: WatermarkRules, nodes: readonly NodeMemory[], minPages: number): WatermarkOf {
  const total = sumOf(nodes, (_, zone) =>
    zone.index === ZONE_MOVABLE && movable === "own-min" ? 0 : zone.managedPages,
  );
  return (node, index) => {
    const managed = node.zones[index].managedPages;
    const share = total === 0 ? 0 : Math.floor((minPages * managed) / total);
    if (step === "quarter") {
      const [lowPages, highPages] = [share + Math.floor(share / 4), share + Math.floor(share / 2)];
      return { minPages: share, lowPages, highPages, promoPages: 0 };
    }
    const isOwn = index === ZONE_MOVABLE && movable === "own-min";
    const min = isOwn ? Math.min(Math.max(Math.floor(managed / 1024), 32), 128) : share;
    const up = Math.max(Math.floor(share / 4), Math.floor((managed * WATERMARK_SCALE) / 10000));
    return { minPages: min, lowPages: min + up, highPages: min + 2 * up, promoPages: min + 3 * up };
  };
}

/**
 * Watermarks of each zone of each node (facts §9.3). What an online or offline computes depends a little on the marks
 * that were there before: they are taken to be those of the same memory.
 */
export function zoneWatermarks(source: WatermarkSource, nodes: readonly NodeMemory[]): WatermarkOf {
  const { watermarks } = source.kernel;
  const hasThp = sumOf(nodes, (_, zone) => zone.earlyPages) >= LEAST_THP_PAGES;
  let marks: WatermarkOf | undefined;
  for (let pass = 0; pass < 2; pass++) {
    const root = rootPages(watermarks, bufferPages(nodes, marks));
    marks = sharesOf(watermarks, nodes, root);
    if (!watermarks.khugepagedRaises || !hasThp) continue;
    const recommended = recommendedPages(source, nodes, bufferPages(nodes, marks));
    if (recommended > root) marks = sharesOf(watermarks, nodes, recommended);
  }
  return marks as WatermarkOf;
}

/** lowmem_reserve of a zone against allocations that could use each higher zone (facts §9.3). */
export function lowmemReserve(
  { kernel }: Pick<WatermarkSource, "kernel">,
  node: NodeMemory,
  index: ZoneIndex,
): number[] {
  const ratio = index === ZONE_DMA || index === ZONE_DMA32 ? 256 : 32;
  let above = 0;
  return Array.from({ length: kernel.watermarks.zonesPerNode }, (_, j) => {
    if (j <= index) return 0;
    above += node.zones[j as ZoneIndex].managedPages;
    return Math.floor(above / ratio);
  });
}

/** Free pages that an ordinary allocation leaves in each zone of a node: the min watermark and lowmem_reserve, by zone index. */
export function allocationFloors(
  source: WatermarkSource,
  nodes: readonly NodeMemory[],
  node: NodeMemory,
  highestZone: ZoneIndex,
): number[] {
  return floorsAbove(source, zoneWatermarks(source, nodes), node, highestZone);
}

/** The same from watermarks that are known (`zoneWatermarks`): those of one moment serve for every node. */
export function floorsAbove(
  source: WatermarkSource,
  watermarks: (node: NodeMemory, zone: ZoneIndex) => Watermarks,
  node: NodeMemory,
  highestZone: ZoneIndex,
): number[] {
  return node.zones.map(
    ({ index }) => watermarks(node, index).minPages + (lowmemReserve(source, node, index)[highestZone] ?? 0),
  );
}

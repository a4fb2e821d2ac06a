import { ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
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
const LEAST_THP_KB = 512 * 1024;
/** Two free pageblocks, and for each of three migratetypes one to fall back to of each: set_recommended_min_free_kbytes. */
const PAGEBLOCKS_PER_ZONE = 11;

/** What all nodes have together: each round of a migration asks for it. */
interface Totals {
  /** Pages that boot found. */
  readonly earlyPages: number;
  /** Kernel zones that have pages. */
  readonly kernelZones: number;
  /** Managed pages of all zones that have a share of what is kept free. */
  readonly sharing: number;
}

function totalsOf(rules: WatermarkRules, nodes: readonly NodeMemory[]): Totals {
  let [earlyPages, kernelZones, sharing] = [0, 0, 0];
  for (const { zones } of nodes) {
    for (const zone of zones) {
      earlyPages += zone.earlyPages;
      if (zone.index <= ZONE_NORMAL && zone.presentPages > 0) kernelZones++;
      if (!hasOwnMin(rules, zone.index)) sharing += zone.managedPages;
    }
  }
  return { earlyPages, kernelZones, sharing };
}

/** nr_free_buffer_pages: kernel zones of all nodes, without what lies below their high watermarks. */
function bufferPages(nodes: readonly NodeMemory[], shares?: Shares): number {
  let pages = 0;
  for (const { zones } of nodes) {
    for (const { index, managedPages } of zones) {
      if (index > ZONE_NORMAL) break;
      if (managedPages === 0) continue;
      const high = shares === undefined ? 0 : highOf(shares, index, managedPages);
      pages += Math.max(0, managedPages - high);
    }
  }
  return pages;
}

/** calculate_min_free_kbytes: four times the root of low memory, within limits. @returns pages. */
function rootPages({ mostMinFreeKb }: WatermarkRules, lowmemPages: number, pageKb: number): number {
  const root = Math.floor(Math.sqrt(lowmemPages * pageKb * 16));
  return Math.floor(Math.min(Math.max(root, LEAST_MIN_FREE_KB), mostMinFreeKb) / pageKb);
}

/** set_recommended_min_free_kbytes: pageblocks of the kernel zones, but never more than 5 % of low memory. @returns pages. */
function recommendedPages({ arch }: WatermarkSource, kernelZones: number, lowmemPages: number): number {
  return Math.min(kernelZones * PAGEBLOCKS_PER_ZONE * 2 ** arch.pageblockOrder, Math.floor(lowmemPages / 20));
}

/** __setup_per_zone_wmarks: pages that zones share by their size. */
interface Shares {
  readonly rules: WatermarkRules;
  readonly minPages: number;
  /** Managed pages of all zones that have a share. */
  readonly total: number;
}

function hasOwnMin({ movable }: WatermarkRules, index: ZoneIndex): boolean {
  return index === ZONE_MOVABLE && movable === "own-min";
}

function shareOf({ minPages, total }: Shares, managedPages: number): number {
  return total === 0 ? 0 : Math.floor((minPages * managedPages) / total);
}

function minOf(shares: Shares, index: ZoneIndex, managedPages: number): number {
  if (!hasOwnMin(shares.rules, index)) return shareOf(shares, managedPages);
  return Math.min(Math.max(Math.floor(managedPages / 1024), 32), 128);
}

/** How far above the min watermark the low one is, and the others each above the one before. */
function stepOf(shares: Shares, managedPages: number): number {
  const quarter = Math.floor(shareOf(shares, managedPages) / 4);
  return shares.rules.step === "quarter"
    ? quarter
    : Math.max(quarter, Math.floor((managedPages * WATERMARK_SCALE) / 10000));
}

function highOf(shares: Shares, index: ZoneIndex, managedPages: number): number {
  const min = minOf(shares, index, managedPages);
  return shares.rules.step === "quarter" ? min + Math.floor(min / 2) : min + 2 * stepOf(shares, managedPages);
}

function marksOf(shares: Shares, index: ZoneIndex, managedPages: number): Watermarks {
  const minPages = minOf(shares, index, managedPages);
  const step = stepOf(shares, managedPages);
  return {
    minPages,
    lowPages: minPages + step,
    highPages: highOf(shares, index, managedPages),
    promoPages: shares.rules.step === "quarter" ? 0 : minPages + 3 * step,
  };
}

/**
 * Watermarks of each zone of each node (facts §9.3). What an online or offline computes depends a little on the marks
 * that were there before: they are taken to be those of the same memory.
 */
export function zoneWatermarks(source: WatermarkSource, nodes: readonly NodeMemory[]): WatermarkOf {
  const shares = sharesOf(source, nodes);
  return (node, index) => marksOf(shares, index, node.zones[index].managedPages);
}

function sharesOf(source: WatermarkSource, nodes: readonly NodeMemory[]): Shares {
  const rules = source.kernel.watermarks;
  const { earlyPages, kernelZones, sharing: total } = totalsOf(rules, nodes);
  const pageKb = 2 ** (source.arch.pageShift - 10);
  const isRaised = rules.khugepagedRaises && earlyPages * pageKb >= LEAST_THP_KB;
  let shares: Shares | undefined;
  for (let pass = 0; pass < 2; pass++) {
    const root = rootPages(rules, bufferPages(nodes, shares), pageKb);
    shares = { rules, minPages: root, total };
    if (!isRaised) continue;
    const recommended = recommendedPages(source, kernelZones, bufferPages(nodes, shares));
    if (recommended > root) shares = { rules, minPages: recommended, total };
  }
  return shares as Shares;
}

/** lowmem_reserve of a zone against allocations that could use each higher zone (facts §9.3). */
export function lowmemReserve(source: Pick<WatermarkSource, "kernel">, node: NodeMemory, index: ZoneIndex): number[] {
  return Array.from({ length: source.kernel.watermarks.zonesPerNode }, (_, j) =>
    reserveAgainst(source, node, index, j as ZoneIndex),
  );
}

/** The same against allocations that could use one. */
function reserveAgainst(
  { kernel }: Pick<WatermarkSource, "kernel">,
  { zones }: NodeMemory,
  index: ZoneIndex,
  highest: ZoneIndex,
): number {
  if (highest >= kernel.watermarks.zonesPerNode) return 0;
  let above = 0;
  for (let zone = index + 1; zone <= highest; zone++) above += zones[zone as ZoneIndex].managedPages;
  return Math.floor(above / (index === ZONE_DMA || index === ZONE_DMA32 ? 256 : 32));
}

/**
 * Free pages that ordinary allocations leave in each zone of a node, by zone index: the min watermark and lowmem_reserve. One moment's serve for
 * every node; each round of a migration asks for them, so that the other watermarks are not made.
 */
export function zoneFloors(
  source: WatermarkSource,
  nodes: readonly NodeMemory[],
): (node: NodeMemory, highestZone: ZoneIndex, floors?: number[]) => number[] {
  const shares = sharesOf(source, nodes);
  return (node, highestZone, floors = []) => {
    for (const { index, managedPages } of node.zones)
      floors[index] = minOf(shares, index, managedPages) + reserveAgainst(source, node, index, highestZone);
    return floors;
  };
}

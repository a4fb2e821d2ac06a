import { zoneNames } from "@memhp/abi";
import type { HostRules } from "../rules/host-rules.ts";
import type { HostMemory, ZoneRoom } from "./host-memory.ts";

const NORMAL = zoneNames.indexOf("Normal");
const MOVABLE = zoneNames.indexOf("Movable");

/** Where pages of a block may go, and how many of them. Base pages, but hugepages. */
export interface Room {
  readonly nodes: readonly number[];
  /** For order-0 pages, at least: free above the watermark and what is kept for lower zones. */
  readonly singles: number;
  /** What may come on top: the list of the processor that works, whose pages no watermark holds back. */
  readonly perhaps: number;
  /** What reclaim can give, where it makes progress at all. */
  readonly reclaimed: number;
  /** The part of it that has to go to swap. */
  readonly swapped: number;
  /** For large folios, in ZONE_MOVABLE besides. */
  readonly folios: number;
}

/** A block that is leaving: its own free pages are isolated, and no room. */
export interface Leaving {
  readonly node: number;
  readonly zone: number;
  readonly free: number;
}

/** Nodes that pages of a node go to: all others that have memory, or its own if it is the only one (facts §4.4). */
export function targetNodes({ memoryNodes }: HostMemory, node: number): readonly number[] {
  const others = memoryNodes.filter((other) => other !== node);
  return others.length === 0 ? [node] : others;
}

/**
 * __zone_watermark_ok for order 0 without a right to reserves: free pages above min and above what the zone keeps back from
 * allocations that a zone of index `highest` would do for. Pages on processors' lists do not count as free.
 */
export function aboveWatermark({ free, highatomic, info }: ZoneRoom, highest: number): number {
  return Math.max(0, free - Math.min(free, highatomic) - info.min - (info.protection[highest] ?? 0));
}

/**
 * Room for a leaving block. alloc_migration_target asks for GFP_USER | __GFP_MOVABLE, and for __GFP_HIGHMEM only when the page
 * comes from Movable: so pages of other zones never go there; large folios, asked for with GFP_TRANSHUGE, do.
 */
export function roomFor(memory: HostMemory, leaving: Leaving, { targets }: HostRules): Room {
  const nodes = targets === "other-nodes" ? targetNodes(memory, leaving.node) : memory.memoryNodes;
  const highest = leaving.zone === MOVABLE && targets === "other-nodes" ? MOVABLE : NORMAL;
  let singles = 0;
  let perhaps = 0;
  let files = 0;
  let anonymous = 0;
  let drained = 0;
  let folios = 0;
  for (const zone of memory.zones) {
    if (!nodes.includes(zone.node)) continue;
    const isOwn = zone.node === leaving.node && zone.index === leaving.zone;
    const left = isOwn ? { ...zone, free: Math.max(0, zone.free - leaving.free) } : zone;
    if (zone.index > highest) {
      if (zone.index === MOVABLE && targets === "other-nodes")
        folios += Math.min(aboveWatermark(left, MOVABLE), zone.hugeChunks);
      continue;
    }
    singles += aboveWatermark(left, highest);
    perhaps += isOwn ? 0 : zone.fullestPcp;
    drained += isOwn ? 0 : zone.pcp;
    files += zone.fileLru;
    anonymous += zone.anonLru;
  }
  const swapped = Math.min(memory.swapFree, anonymous);
  const reclaimed = files + swapped;
  // Lists of processors are drained after a reclaim that freed something, not otherwise (6.1-mlock 41-43).
  return { nodes, singles, perhaps, reclaimed: reclaimed === 0 ? 0 : reclaimed + drained, swapped, folios };
}

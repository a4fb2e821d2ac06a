import { zoneNames } from "@memhp/abi";
import type { Host } from "../host/host.ts";
import type { HostZone } from "../host/zoneinfo.ts";
import { findHugepages, type Hugepage } from "../pages/hugepages.ts";
import { type KnownPage, readPage } from "../pages/page-kind.ts";

/** A zone whose free pages change while a plan is thought through. */
export interface ZoneRoom {
  readonly node: number;
  readonly index: number;
  readonly info: HostZone;
  /** On the buddy lists. */
  free: number;
  /** On lists of the processors, and on the fullest of them. */
  readonly pcp: number;
  readonly fullestPcp: number;
  /** Kept for atomic allocations. */
  readonly highatomic: number;
  /** Order-9 chunks, in base pages. */
  hugeChunks: number;
  /** Clean and dirty pages of files on its LRU lists, in base pages. */
  fileLru: number;
  anonLru: number;
}

/** A pool of hugepages whose free ones change. Counts are of hugepages. */
interface PoolRoom {
  readonly node: number;
  readonly pages: number;
  free: number;
  readonly reserved: number;
}

/** What a captured host is judged by, worked out once. */
export interface HostMemory {
  readonly host: Host;
  readonly known: readonly KnownPage[];
  readonly hugepages: readonly Hugepage[];
  readonly zones: readonly ZoneRoom[];
  readonly pools: readonly PoolRoom[];
  /** Base pages of swap that are free. */
  swapFree: number;
  /** Nodes that have memory. */
  readonly memoryNodes: readonly number[];
  /** Pages that look like buffers which a file system holds. */
  readonly heldBuffers: number;
  /** Base pages that FOLL_PIN holds now, by node. */
  readonly pinnedPages: ReadonlyMap<number, number>;
}

/** What of a host's memory counts when blocks are judged: its zones, and the use of each block's pages. */
export function surveyHost(host: Host): HostMemory {
  const known = (host.flags?.values ?? []).map(readPage);
  const { zones, hugePools } = host;
  return {
    host,
    known,
    hugepages: host.flags === undefined ? [] : findHugepages(host.flags, known, host.counts),
    zones: zones.filter(({ present }) => present > 0).map((zone) => zoneRoom(host, zone)),
    pools: hugePools.map(({ node, pages, free, reserved }) => ({ node, pages, free, reserved: reserved ?? 0 })),
    swapFree: Math.floor(((host.meminfo.get("SwapFree") ?? 0) * 1024) / host.pageSize),
    memoryNodes: [...new Set(zones.filter(({ present }) => present > 0).map(({ node }) => node))],
    heldBuffers: heldBuffers(host, known),
    pinnedPages: pinnedPages(zones),
  };
}

function heldBuffers({ flags }: Host, known: readonly KnownPage[]): number {
  let count = 0;
  for (const { pages, value } of flags?.within(0, Number.POSITIVE_INFINITY) ?? [])
    if (known[value]?.isHeldBuffer === true) count += pages;
  return count;
}

function pinnedPages(zones: readonly HostZone[]): Map<number, number> {
  const pinned = new Map<number, number>();
  for (const { node, counters } of zones) {
    const { nr_foll_pin_acquired: acquired, nr_foll_pin_released: released = 0 } = counters;
    if (acquired !== undefined) pinned.set(node, acquired - released);
  }
  return pinned;
}

function zoneRoom(host: Host, info: HostZone): ZoneRoom {
  const { node, zone, counters } = info;
  const chunks = host.chunks.find((row) => row.node === node && row.zone === zone)?.chunks ?? [];
  const hugeOrder = Math.log2(host.pageblockPages);
  let hugeChunks = 0;
  chunks.forEach((count, order) => {
    if (order >= hugeOrder) hugeChunks += count * 2 ** order;
  });
  const counter = (name: string): number => counters[name] ?? 0;
  return {
    node,
    index: zoneNames.indexOf(zone),
    info,
    free: info.free,
    pcp: info.pcp.reduce((sum, count) => sum + count, 0),
    fullestPcp: Math.max(0, ...info.pcp),
    highatomic: (host.pageTypes?.blocks.get(`${node} ${zone} HighAtomic`) ?? 0) * host.pageblockPages,
    hugeChunks,
    fileLru: counter("nr_zone_inactive_file") + counter("nr_zone_active_file"),
    anonLru: counter("nr_zone_inactive_anon") + counter("nr_zone_active_anon"),
  };
}

/** A copy whose counters may be changed. */
export function copyMemory(memory: HostMemory): HostMemory {
  return {
    ...memory,
    zones: memory.zones.map((zone) => ({ ...zone })),
    pools: memory.pools.map((pool) => ({ ...pool })),
  };
}

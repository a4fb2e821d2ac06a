import type { Hugepage } from "../pages/hugepages.ts";
import type { HostMemory } from "./host-memory.ts";
import { aboveWatermark, type Leaving, type Room } from "./room.ts";

/** What a block asks of its targets. */
export interface Demand {
  /** Base pages. */
  readonly singles: number;
  /** Base pages of each large folio. */
  readonly folios: readonly number[];
  readonly hugepages: readonly Hugepage[];
}

export interface Fit {
  readonly isShort: boolean;
  /** Within what nobody can tell of processors' lists. */
  readonly isClose: boolean;
  /** Base pages that ask for room, and that there is. */
  readonly wanted: number;
  readonly room: number;
  /** A hugepage for which there is none. */
  readonly hugepage?: Hugepage;
  /** Base pages that go to free hugepages of a pool. */
  readonly pooled: readonly { readonly node: number; readonly pages: number }[];
}

/** Orders of the buddy lists where no /proc/buddyinfo tells: up to 4 MiB in pages of 4 KiB. */
const ORDERS = 11;

/** Base pages of the largest chunk. */
function largestChunk({ chunks: [row] }: HostMemory["host"]): number {
  return 2 ** ((row?.chunks.length ?? ORDERS) - 1);
}

/** Whether all pages of a block find room. */
export function fits(memory: HostMemory, demand: Demand, room: Room, leaving: Leaving): Fit {
  const hugetlb = placeHugepages(memory, demand.hugepages, room, leaving);
  const inFolios = demand.folios.reduce((sum, pages) => sum + pages, 0);
  // Whole folios go to Movable first where singles may not; what is left is split.
  const wanted = demand.singles + inFolios - Math.min(inFolios, room.folios) + hugetlb.fromBuddy;
  const sure = room.singles + room.reclaimed;
  const likely = sure + Math.floor(room.perhaps / 2);
  return {
    isShort: hugetlb.missing !== undefined || wanted > likely,
    isClose: wanted > sure && wanted <= sure + room.perhaps,
    wanted,
    room: sure,
    pooled: hugetlb.pooled,
    ...(hugetlb.missing === undefined ? {} : { hugepage: hugetlb.missing }),
  };
}

/**
 * alloc_hugetlb_folio_nodemask: a free page of the pool of another node that nobody has reserved; else a fresh one, which the
 * buddy lists give up to their largest order. A gigantic page has only the pool.
 */
function placeHugepages(
  memory: HostMemory,
  hugepages: readonly Hugepage[],
  { nodes, reclaimed }: Room,
  leaving: Leaving,
): { readonly missing?: Hugepage; readonly fromBuddy: number; readonly pooled: Fit["pooled"] } {
  const pooled: { node: number; pages: number }[] = [];
  let fromBuddy = 0;
  for (const size of new Set(hugepages.map(({ pages }) => pages))) {
    const pages = hugepages.filter((page) => page.pages === size);
    const pools = memory.pools.filter((pool) => pool.pages === size);
    const unreserved = pools.reduce((sum, pool) => sum + pool.free, 0) - (pools[0]?.reserved ?? 0);
    let left = pages.length;
    for (const pool of pools.filter(({ node }) => nodes.includes(node))) {
      const taken = Math.max(0, Math.min(left, pool.free, unreserved - (pages.length - left)));
      left -= taken;
      if (taken > 0) pooled.push({ node: pool.node, pages: taken * size });
    }
    if (left <= 0) continue;
    if (size > largestChunk(memory.host)) return { missing: pages[0] as Hugepage, fromBuddy, pooled };
    let chunks = 0;
    for (const zone of memory.zones) {
      if (!nodes.includes(zone.node)) continue;
      const isOwn = zone.node === leaving.node && zone.index === leaving.zone;
      const free = isOwn ? Math.max(0, zone.free - leaving.free) : zone.free;
      const above = aboveWatermark({ ...zone, free }, 3);
      // Compaction makes chunks of scattered pages as long as the watermarks allow it.
      chunks += Math.floor(Math.max(Math.min(above, zone.hugeChunks), Math.min(above, free) / 2) / size);
    }
    if (chunks + Math.floor(reclaimed / size) < left) return { missing: pages[0] as Hugepage, fromBuddy, pooled };
    fromBuddy += left * size;
  }
  return { fromBuddy, pooled };
}

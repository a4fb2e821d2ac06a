import type { PossibleOwner } from "@memhp/abi";
import type { HostMemory } from "./host-memory.ts";

/** Largest slab of SLUB: order 5 in any configuration (slub_max_order is 3). */
const LARGEST_SLAB = 32;

/** Candidates that are named. */
const NAMED = 3;

/**
 * Caches that a slab may be of: those whose slabs have as many pages, the largest first, each with its part of all such slabs.
 * Which one it is, no file tells. None where the host has no /proc/slabinfo, or no cache has such slabs.
 */
export function slabOwners({ host, known }: HostMemory, pfn: number): readonly PossibleOwner[] {
  if (host.slabCaches === undefined || host.flags === undefined) return [];
  const pages = slabPages({ host, known }, pfn);
  const alike = host.slabCaches.filter((cache) => cache.slabPages === pages);
  const slabs = alike.reduce((sum, cache) => sum + cache.slabs, 0);
  return alike
    .toSorted((a, b) => b.slabs - a.slabs || (a.name < b.name ? -1 : 1))
    .slice(0, NAMED)
    .map((cache) => ({ owner: cache.name, share: cache.slabs / slabs }));
}

/** Pages of the slab that begins here: a head with its tails, or one page; 0 where none begins. */
function slabPages({ host, known }: Pick<HostMemory, "host" | "known">, pfn: number): number {
  let pages = 0;
  for (const run of host.flags?.within(pfn, pfn + LARGEST_SLAB) ?? []) {
    const page = known[run.value];
    if (pages === 0) {
      if (page?.isHead !== true) return page?.isTail === true ? 0 : 1;
      if (run.pages > 1) return 0;
      pages = 1;
      continue;
    }
    if (page?.isTail !== true) break;
    pages += run.pages;
  }
  return pages;
}

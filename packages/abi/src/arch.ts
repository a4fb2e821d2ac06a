/** Constants of one architecture (facts/kernel.md §1.1, §1.2). */
export interface ArchProfile {
  readonly id: ArchId;
  readonly pageShift: number;
  /** log2 of the SPARSEMEM section in bytes. */
  readonly sectionSizeBits: number;
  readonly maxPhysmemBits: number;
  /** The same with the longest page tables that the kernel is built for: what add_memory accepts at most. */
  readonly physmemBitsAtMost: number;
  /** Largest buddy order, inclusive. */
  readonly maxPageOrder: number;
  readonly pageblockOrder: number;
  readonly maxNodes: number;
}

export const archIds = ["x86_64"] as const;
export type ArchId = (typeof archIds)[number];

const MAXSMP_NODES = 1024;

const profiles: Readonly<Record<ArchId, ArchProfile>> = {
  x86_64: {
    id: "x86_64",
    pageShift: 12,
    sectionSizeBits: 27,
    maxPhysmemBits: 46,
    // With five levels (observed-6 §10).
    physmemBitsAtMost: 52,
    maxPageOrder: 10,
    pageblockOrder: 9,
    maxNodes: MAXSMP_NODES,
  },
};

/** @throws RangeError for an architecture that memhp does not simulate, which names those it does. */
export function archProfile(id: string): ArchProfile {
  const found = Object.hasOwn(profiles, id) ? profiles[id as ArchId] : undefined;
  if (found === undefined)
    throw new RangeError(`memhp does not simulate ${JSON.stringify(id)} (allowed: ${archIds.join(", ")})`);
  return found;
}

export function pagesPerSection(arch: ArchProfile): number {
  return 2 ** (arch.sectionSizeBits - arch.pageShift);
}
/** MAX_ORDER_NR_PAGES: pages of the largest buddy; the same size in 4.1 and 6.x (facts/kernel.md §1.2). */
export function maxOrderPages(arch: ArchProfile): number {
  return 2 ** arch.maxPageOrder;
}
export function pageblockPages(arch: ArchProfile): number {
  return 2 ** arch.pageblockOrder;
}

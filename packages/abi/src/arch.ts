import { GIB, MIB } from "./pfn.ts";

/** Constants of one architecture as one kernel generation has them (facts/kernel.md §1.1, §1.2). */
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
  /** Boot-time default of the memory block size where the architecture fixes it; x86 computes it from RAM. */
  readonly blockSizeBytes: number | "from-ram";
  /** Whether memory hotplug exists there at all. */
  readonly hotplug: boolean;
}

export const archIds = ["x86_64", "ppc64", "ia64", "s390x", "arm64"] as const;
export type ArchId = (typeof archIds)[number];
export type Generation = "4.1" | "6.x";

const MAXSMP_NODES = 1024;

/** The same in every kernel that memhp knows. */
const unchanged: Readonly<Record<"x86_64" | "ppc64", ArchProfile>> = {
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
    blockSizeBytes: "from-ram",
    hotplug: true,
  },
  ppc64: {
    id: "ppc64",
    pageShift: 12,
    sectionSizeBits: 24,
    maxPhysmemBits: 46,
    physmemBitsAtMost: 46,
    maxPageOrder: 12,
    pageblockOrder: 12,
    maxNodes: 256,
    blockSizeBytes: 16 * MIB,
    hotplug: true,
  },
};

const profiles: Readonly<Record<Generation, Readonly<Partial<Record<ArchId, ArchProfile>>>>> = {
  "4.1": {
    ...unchanged,
    ia64: {
      id: "ia64",
      pageShift: 14,
      sectionSizeBits: 30,
      maxPhysmemBits: 50,
      physmemBitsAtMost: 50,
      maxPageOrder: 16,
      pageblockOrder: 14,
      maxNodes: 1024,
      blockSizeBytes: GIB,
      hotplug: true,
    },
    s390x: {
      id: "s390x",
      pageShift: 12,
      sectionSizeBits: 28,
      maxPhysmemBits: 46,
      physmemBitsAtMost: 46,
      maxPageOrder: 8,
      pageblockOrder: 8,
      maxNodes: 1,
      blockSizeBytes: 256 * MIB,
      hotplug: true,
    },
    arm64: {
      id: "arm64",
      pageShift: 12,
      sectionSizeBits: 30,
      maxPhysmemBits: 48,
      physmemBitsAtMost: 48,
      maxPageOrder: 10,
      pageblockOrder: 9,
      maxNodes: 1,
      blockSizeBytes: GIB,
      hotplug: false,
    },
  },
  "6.x": {
    ...unchanged,
    s390x: {
      id: "s390x",
      pageShift: 12,
      sectionSizeBits: 27,
      maxPhysmemBits: 46,
      physmemBitsAtMost: 46,
      maxPageOrder: 10,
      pageblockOrder: 8,
      maxNodes: 2,
      blockSizeBytes: 128 * MIB,
      hotplug: true,
    },
    arm64: {
      id: "arm64",
      pageShift: 12,
      sectionSizeBits: 27,
      maxPhysmemBits: 48,
      physmemBitsAtMost: 48,
      maxPageOrder: 10,
      pageblockOrder: 9,
      maxNodes: 16,
      blockSizeBytes: 128 * MIB,
      hotplug: true,
    },
  },
};

/**
 * The profile of an architecture in a kernel generation.
 * @throws RangeError where that kernel has no such architecture (ia64 left before 6.x).
 */
export function archProfile(id: string, generation: Generation): ArchProfile {
  const found = Object.hasOwn(profiles[generation], id) ? profiles[generation][id as ArchId] : undefined;
  if (found === undefined) {
    throw new RangeError(
      `unknown architecture ${JSON.stringify(id)} for kernel ${generation} (known: ${Object.keys(profiles[generation]).join(", ")})`,
    );
  }
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

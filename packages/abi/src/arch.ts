import type { ZoneIndex } from "./zone.ts";

/** Constants of one architecture, as plain data (facts/kernel.md §1.1, §1.2). */
export interface Architecture {
  readonly id: string;
  /** A page has 2^pageShift bytes. */
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
  /** Kernel zones from below, each with the first pfn above it; the last one has no end. */
  readonly zones: readonly (readonly [zone: ZoneIndex, endPfn: number])[];
  /** Whether boot memory may go offline; where it stays, a callback on the notifier chain refuses with EPERM. */
  readonly bootMemory: "leaves" | "stays";
  /** Zone that 4.1 gives to hot-added memory; ZONE_NORMAL without it (facts §3.1: powerpc takes the first). */
  readonly hotAddZone?: ZoneIndex;
  /** Orders of all its hugepages, ascending, where each has a pool from the start; those of the second and the third level of page tables without it. */
  readonly hugepageOrders?: readonly number[];
  /** Pages whose struct pages come with one mapping of the memmap; a section's without it. */
  readonly memmapSpanPages?: number;
  /** Where the kernel is loaded. */
  readonly kernelStartPfn: number;
}

/** Pages of a section, the grain in which struct pages come and go. */
export function pagesPerSection(arch: Architecture): number {
  return 2 ** (arch.sectionSizeBits - arch.pageShift);
}
/** MAX_ORDER_NR_PAGES: pages of the largest buddy; the same size in 4.1 and 6.x (facts/kernel.md §1.2). */
export function maxOrderPages(arch: Architecture): number {
  return 2 ** arch.maxPageOrder;
}
/** Orders of the hugepages of an architecture, ascending. */
export function hugepageOrders({ hugepageOrders: all, pageblockOrder }: Architecture): readonly number[] {
  return all ?? [pageblockOrder, 2 * pageblockOrder];
}
/** Pages of a pageblock of an architecture: the grain of migrate types (facts §1.3). */
export function pageblockPages(arch: Architecture): number {
  return 2 ** arch.pageblockOrder;
}

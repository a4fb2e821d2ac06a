import { type Architecture, ZONE_DMA, ZONE_NORMAL } from "@memhp/abi";

/** Since 6.x; in 4.1 a section had 256 MiB (facts §1.1; s_boot). */
export const arch: Architecture = {
  id: "s390x",
  pageShift: 12,
  sectionSizeBits: 27,
  maxPhysmemBits: 46,
  physmemBitsAtMost: 46,
  maxPageOrder: 10,
  // Huge pages of 1 MiB (facts §1.2).
  pageblockOrder: 8,
  maxNodes: 1,
  zones: [
    // DMA ends at 2 GiB (s_boot).
    [ZONE_DMA, 0x8_0000],
    [ZONE_NORMAL, Number.POSITIVE_INFINITY],
  ],
  bootMemory: "leaves",
  // 1 MiB, and 2 GiB with EDAT2 (arch/s390/mm/hugetlbpage.c), which QEMU's processor has.
  hugepageOrders: [8, 19],
  kernelStartPfn: 0,
};

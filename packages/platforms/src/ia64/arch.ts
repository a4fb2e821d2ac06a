import { type Architecture, ZONE_DMA, ZONE_NORMAL } from "@memhp/abi";

/** With 16 KiB pages and huge pages of 256 MiB, as 4.1 is built unless told otherwise (facts §1.1, §1.2; arch/ia64/Kconfig). */
export const arch: Architecture = {
  id: "ia64",
  pageShift: 14,
  // Of FORCE_MAX_ZONEORDER 17 the largest buddy has 1 GiB too.
  sectionSizeBits: 30,
  maxPhysmemBits: 50,
  physmemBitsAtMost: 50,
  maxPageOrder: 16,
  pageblockOrder: 14,
  maxNodes: 1024,
  zones: [
    // 4 GiB (MAX_DMA_ADDRESS).
    [ZONE_DMA, 0x4_0000],
    [ZONE_NORMAL, Number.POSITIVE_INFINITY],
  ],
  // One size (arch/ia64/mm/hugetlbpage.c hugetlb_setup_sz).
  hugepageOrders: [14],
  bootMemory: "leaves",
  // 64 MiB (KERNEL_START).
  kernelStartPfn: 0x1000,
};

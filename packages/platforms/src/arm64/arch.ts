import { type Architecture, ZONE_DMA, ZONE_DMA32, ZONE_NORMAL } from "@memhp/abi";

/** With 4 KiB pages (observed-newer §4). */
export const arch: Architecture = {
  id: "arm64",
  pageShift: 12,
  sectionSizeBits: 27,
  maxPhysmemBits: 48,
  physmemBitsAtMost: 48,
  maxPageOrder: 10,
  pageblockOrder: 9,
  maxNodes: 16,
  zones: [
    // The firmware names no smaller limit for DMA than 4 GiB, which leaves DMA32 empty.
    [ZONE_DMA, 0x10_0000],
    [ZONE_DMA32, 0x10_0000],
    [ZONE_NORMAL, Number.POSITIVE_INFINITY],
  ],
  // arch/arm64/mm/mmu.c: prevent_bootmem_remove_notifier (a_boot_offline).
  bootMemory: "stays",
  // 64 KiB, 2 MiB, 32 MiB and 1 GiB: entries of two levels, and of each sixteen contiguous ones (arch/arm64/mm/hugetlbpage.c hugetlbpage_init).
  hugepageOrders: [4, 9, 13, 18],
  kernelStartPfn: 0x4_0210,
};

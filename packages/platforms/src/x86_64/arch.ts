import { type Architecture, ZONE_DMA, ZONE_DMA32, ZONE_NORMAL } from "@memhp/abi";

/** With 4 KiB pages and MAXSMP (facts/kernel.md §1.1 to §1.3). */
export const arch: Architecture = {
  id: "x86_64",
  pageShift: 12,
  sectionSizeBits: 27,
  maxPhysmemBits: 46,
  // With five levels (observed-6 §10).
  physmemBitsAtMost: 52,
  maxPageOrder: 10,
  pageblockOrder: 9,
  maxNodes: 1024,
  zones: [
    // 16 MiB, 4 GiB.
    [ZONE_DMA, 0x1000],
    [ZONE_DMA32, 0x10_0000],
    [ZONE_NORMAL, Number.POSITIVE_INFINITY],
  ],
  bootMemory: "leaves",
  // 16 MiB (CONFIG_PHYSICAL_START; page-offline, g_hwpoison).
  kernelStartPfn: 0x1000,
};

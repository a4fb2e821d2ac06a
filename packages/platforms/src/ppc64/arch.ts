import { type Architecture, ZONE_NORMAL } from "@memhp/abi";

/** With 4 KiB pages and radix page tables (observed-newer §3; /proc/buddyinfo has 13 orders). */
export const arch: Architecture = {
  id: "ppc64",
  pageShift: 12,
  sectionSizeBits: 24,
  maxPhysmemBits: 46,
  physmemBitsAtMost: 46,
  maxPageOrder: 12,
  pageblockOrder: 9,
  maxNodes: 256,
  // One zone from page 0 (p_boot_1node).
  zones: [[ZONE_NORMAL, Number.POSITIVE_INFINITY]],
  bootMemory: "leaves",
  kernelStartPfn: 0,
};

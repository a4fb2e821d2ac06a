import { type Architecture, ZONE_NORMAL } from "@memhp/abi";

/** With 4 KiB pages (facts §1.1; arch/sh/mm/Kconfig). */
export const arch: Architecture = {
  id: "sh",
  pageShift: 12,
  sectionSizeBits: 26,
  maxPhysmemBits: 32,
  physmemBitsAtMost: 32,
  maxPageOrder: 10,
  pageblockOrder: 9,
  maxNodes: 8,
  // There is no other (arch/sh/mm/init.c).
  zones: [[ZONE_NORMAL, Number.POSITIVE_INFINITY]],
  bootMemory: "leaves",
  // MEMORY_START.
  kernelStartPfn: 0x8000,
};

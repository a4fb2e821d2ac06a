import { MIB } from "@memhp/abi";
import type { KernelMemoryRules } from "@memhp/engine";

/** Where pseries with radix page tables keeps what boot takes. */
export const pseriesMemory: Pick<KernelMemoryRules, "belowLimits" | "sectionMapBytes" | "topPages"> = {
  // What the boot wrapper leaves below 768 MiB, the device tree, and what early boot keeps in the first GiB, which real mode reaches
  // (6.12-ppc64el/p_boot_offline: pfn 0x2ffff and 0x3ffb0; from arch/powerpc/kernel/prom_init.c what they are).
  belowLimits: [
    { limitPfn: 0x3_0000, pages: 1 },
    { limitPfn: 0x4_0000, pages: 0x50 },
  ],
  // The last pageblock is reserved from its first page (p_boot_1node, p_boot_offline: pfn 0x7fe00).
  topPages: 0x200,
  // A section of 16 MiB has 256 KiB of memmap, and a PMD set aside for it.
  sectionMapBytes: 2 * MIB,
};

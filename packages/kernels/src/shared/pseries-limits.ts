import type { KernelMemoryRules } from "@memhp/engine";

/**
 * pseries: what the boot wrapper leaves below 768 MiB, the device tree, and what early boot keeps in the first GiB, which real mode reaches
 * (6.12-ppc64el/p_boot_offline: pfn 0x2ffff and 0x3ffb0; from arch/powerpc/kernel/prom_init.c what they are).
 */
export const pseriesLimits: NonNullable<KernelMemoryRules["belowLimits"]> = [
  { limitPfn: 0x3_0000, pages: 1 },
  { limitPfn: 0x4_0000, pages: 0x50 },
];

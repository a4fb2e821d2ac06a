import { ZONE_DMA } from "@memhp/abi";
import { linux41 } from "../4.1/index.ts";
import type { Kernel } from "../kernel.ts";

/** 4.1 for the other architectures that the kernel's document names. */
const from41 = (platform: string, about: string, differs: string): Kernel => ({
  ...linux41,
  id: `4.1-${platform}`,
  title: `4.1 for ${platform}`,
  about,
  build: { of: "4.1", flavour: platform, platform },
  recordedRuns: 0,
  recordedSteps: 0,
  source: { release: "4.1.3", like: "4.1", differs: { config: differs } },
  boot: { ...linux41.boot, memory: { ...linux41.boot.memory, swiotlb: "none" } },
  recorder: { ...linux41.recorder, readsGuestMemory: false },
});

const ofPpc64 = from41(
  "ppc64",
  "Linux 4.1, ppc64: sections of 16 MiB, all memory in ZONE_DMA, `probe`",
  "arch/powerpc/Kconfig: ARCH_MEMORY_PROBE with memory hotplug, ZONE_DMA; no ACPI",
);

/**
 * Hot-added memory goes to the first zone, which is ZONE_DMA (arch/powerpc/mm/mem.c arch_add_memory, max_zone_pfns). Struct pages are
 * mapped 16 MiB at a time, those of 1 GiB (arch/powerpc/mm/init_64.c vmemmap_populate, with the hash MMU's large pages).
 */
export const linux41ppc64: Kernel = {
  ...ofPpc64,
  build: {
    of: "4.1",
    flavour: "ppc64",
    platform: "ppc64",
    arch: {
      zones: [[ZONE_DMA, Number.POSITIVE_INFINITY]],
      hotAddZone: ZONE_DMA,
      memmapSpanPages: 2 ** 18,
      // Hash page tables: huge pages, and so pageblocks, of 16 MiB (facts §1.2; those of 16 GiB are the firmware's to give).
      pageblockOrder: 12,
      hugepageOrders: [12],
    },
  },
  config: { ...linux41.config, ACPI_HOTPLUG_MEMORY: false, ACPI_CONTAINER: false },
};

const ofIa64 = from41(
  "ia64",
  "Linux 4.1, ia64: sections of 1 GiB, 16K pages, ACPI",
  "arch/ia64/Kconfig: no ARCH_MEMORY_PROBE",
);

export const linux41ia64: Kernel = { ...ofIa64, config: { ...linux41.config, ARCH_MEMORY_PROBE: false } };

const ofSh = from41(
  "sh",
  "Linux 4.1, sh: sections of 64 MiB, one zone, `probe`",
  "arch/sh/mm/Kconfig: ARCH_MEMORY_PROBE with memory hotplug; no ACPI, no ARCH_SUPPORTS_MEMORY_FAILURE",
);

export const linux41sh: Kernel = {
  ...ofSh,
  config: { ...linux41.config, ACPI_HOTPLUG_MEMORY: false, ACPI_CONTAINER: false, MEMORY_FAILURE: false },
};

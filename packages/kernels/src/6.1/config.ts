import type { KernelConfig } from "@memhp/abi";

export const config: KernelConfig = {
  SPARSEMEM: true,
  MEMORY_HOTPLUG: true,
  MEMORY_HOTREMOVE: true,
  MIGRATION: true,
  COMPACTION: true,
  TRANSPARENT_HUGEPAGE: true,
  ACPI_HOTPLUG_MEMORY: true,
  ACPI_CONTAINER: true,
  ARCH_MEMORY_PROBE: false,
  NUMA: true,
  MOVABLE_NODE: true,
  MEMORY_FAILURE: true,
  HUGETLBFS: true,
  defaultOnlineType: "offline",
  MEMORY_NOTIFIER_ERROR_INJECT: true,
  CRASH_HOTPLUG: false,
};

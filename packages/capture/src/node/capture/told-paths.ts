/** Folders that are captured as they are, on a host's root. */
export const toldTrees = [
  "/sys/devices/system/memory",
  "/sys/devices/system/node",
  "/sys/module/memory_hotplug/parameters",
  "/sys/kernel/mm/hugepages",
  "/sys/kernel/mm/transparent_hugepage",
  "/sys/firmware/memmap",
  "/sys/firmware/memory",
  "/sys/firmware/acpi/hotplug",
] as const;

/** Folders within them that say nothing of memory. */
export const leftOut: ReadonlySet<string> = new Set(["power", "khugepaged", "x86"]);

/** Where the ACPI devices of memory are: links whose names begin with PNP0C80. */
export const ACPI_DEVICES = "/sys/bus/acpi/devices";
export const acpiFiles = ["hid", "path", "uid", "status", "physical_node"] as const;

/** Single files; those of /proc besides zoneinfo and its like. */
export const toldFiles = [
  "/proc/version",
  "/proc/cmdline",
  "/proc/meminfo",
  "/proc/zoneinfo",
  "/proc/buddyinfo",
  "/proc/pagetypeinfo",
  "/proc/iomem",
  "/proc/vmstat",
  "/proc/slabinfo",
  "/proc/swaps",
  "/proc/sys/vm/min_free_kbytes",
  "/proc/sys/vm/watermark_scale_factor",
  "/proc/sys/vm/lowmem_reserve_ratio",
  "/proc/sys/vm/overcommit_memory",
] as const;

import type { KconfigSwitch } from "./kconfig-switch.ts";

const sw = (
  name: string,
  needs: readonly string[],
  about: string,
  more: Partial<KconfigSwitch> = {},
): KconfigSwitch => ({ name, about, needs, ...more });

const SELECTED = "it has no prompt: MEMORY_HOTREMOVE, COMPACTION and CMA select it, and this build has CMA";

/**
 * Switches that every kernel since 4.1 has, on x86_64 (mm/Kconfig, drivers/acpi/Kconfig, arch/x86/Kconfig, fs/Kconfig and
 * lib/Kconfig.debug of 4.1.3 and 7.1.5; that MIGRATION has a prompt up to 6.12 at least: mm/Kconfig of 6.12.117).
 */
export const common: readonly KconfigSwitch[] = [
  sw("SPARSEMEM", [], "Memory in sections, which blocks are made of", {
    fixed: "x86_64 has no other memory model: ARCH_FLATMEM_ENABLE is for 32 bits",
  }),
  sw("MEMORY_HOTPLUG", ["SPARSEMEM"], "/sys/devices/system/memory; without it no memory comes, goes or changes state"),
  sw(
    "MEMORY_HOTREMOVE",
    ["MEMORY_HOTPLUG", "MIGRATION"],
    "Without it every offline is EINVAL, `removable` reads 0, there is no `valid_zones`, and nothing is removed",
  ),
  sw(
    "MIGRATION",
    [],
    "Pages that move; without it nothing goes offline, and soft_offline_page is ENOSYS for pages in use",
  ),
  sw("COMPACTION", ["MIGRATION"], "`nodeN/compact` and compact_* of /proc/vmstat"),
  sw(
    "TRANSPARENT_HUGEPAGE",
    ["COMPACTION"],
    "thp_* of /proc/vmstat, AnonHugePages; khugepaged's part in the watermarks",
  ),
  sw(
    "ACPI_HOTPLUG_MEMORY",
    ["MEMORY_HOTPLUG"],
    "The driver of PNP0C80; without it a DIMM that is plugged in stays unused, and /sys/firmware/acpi/hotplug/memory is absent",
  ),
  sw(
    "ACPI_CONTAINER",
    [],
    "Devices of containers and their uevents; without it /sys/firmware/acpi/hotplug/container is there instead",
  ),
  sw("ARCH_MEMORY_PROBE", ["MEMORY_HOTPLUG"], "/sys/devices/system/memory/probe"),
  sw("NUMA", [], "Nodes; without it /sys/devices/system/node is absent and all memory is node 0"),
  sw(
    "MEMORY_FAILURE",
    [],
    "soft_offline_page and hard_offline_page, HardwareCorrupted of /proc/meminfo, poisoned pages",
  ),
  sw("HUGETLBFS", [], "Pools of huge pages: /sys/kernel/mm/hugepages, nr_hugepages, HugePages_* of /proc/meminfo"),
  sw("HUGETLB_PAGE", [], "As HUGETLBFS", { follows: "HUGETLBFS" }),
  sw(
    "MEMORY_NOTIFIER_ERROR_INJECT",
    ["MEMORY_HOTPLUG"],
    "memory-notifier-error-inject, which refuses MEM_GOING_* as asked",
  ),
];

/** Until 4.14 (facts/kernel.md §10). */
export const movableNode: KconfigSwitch = sw(
  "MOVABLE_NODE",
  ["NUMA"],
  "Nodes of ZONE_MOVABLE alone, movable_node, has_memory; without it a node keeps Normal memory while it has Movable (EINVAL)",
);

/** From 4.6 to 6.13: a switch (facts/kernel.md §2.6). */
export const defaultOnline: KconfigSwitch = sw(
  "MEMORY_HOTPLUG_DEFAULT_ONLINE",
  ["MEMORY_HOTPLUG"],
  "auto_online_blocks is online after boot; without it offline",
  { choice: { value: "online", alone: true } },
);

/** Since then: a choice (observed-newer §1 6). */
export const defaultOnlineTypes: readonly KconfigSwitch[] = (
  [
    ["OFFLINE", "offline"],
    ["ONLINE_AUTO", "online"],
    ["ONLINE_KERNEL", "online_kernel"],
    ["ONLINE_MOVABLE", "online_movable"],
  ] as const
).map(([name, value]) =>
  sw(`MHP_DEFAULT_ONLINE_TYPE_${name}`, ["MEMORY_HOTPLUG"], `auto_online_blocks is ${value} after boot`, {
    choice: { value, alone: false },
  }),
);

/** Since 6.5, on x86_64 and powerpc (kernel/Kconfig.kexec). */
export const crashHotplug: KconfigSwitch = sw("CRASH_HOTPLUG", [], "/sys/devices/system/memory/crash_hotplug");

/** The same switches, some of them told otherwise or left out (`undefined`). */
export function otherwise(
  switches: readonly KconfigSwitch[],
  changes: Readonly<Record<string, Partial<KconfigSwitch> | undefined>>,
): readonly KconfigSwitch[] {
  return switches.flatMap((each) => {
    if (!Object.hasOwn(changes, each.name)) return [each];
    const change = changes[each.name];
    return change === undefined ? [] : [{ ...each, ...change }];
  });
}

/** Where CMA is built in, or where MIGRATION has no prompt. */
export const selectedMigration: Partial<KconfigSwitch> = { fixed: SELECTED };

/** arm64: one memory model, no probe, no CRASH_HOTPLUG (arch/arm64/Kconfig of 7.1.5). */
export function onArm64(switches: readonly KconfigSwitch[]): readonly KconfigSwitch[] {
  return otherwise(switches, {
    SPARSEMEM: { fixed: "arm64 has no other memory model" },
    MIGRATION: selectedMigration,
    ARCH_MEMORY_PROBE: undefined,
    CRASH_HOTPLUG: undefined,
  });
}

/** powerpc: no ACPI, `probe` with hotplug and not without, flat memory only without NUMA (arch/powerpc/Kconfig of 7.1.5). */
export function onPpc64(switches: readonly KconfigSwitch[]): readonly KconfigSwitch[] {
  const { fixed: _x86, ...sparsemem } = common[0] as KconfigSwitch;
  return [
    sparsemem,
    ...otherwise(switches, {
      SPARSEMEM: undefined,
      MIGRATION: selectedMigration,
      ACPI_HOTPLUG_MEMORY: undefined,
      ACPI_CONTAINER: undefined,
      ARCH_MEMORY_PROBE: { fixed: "powerpc builds it with MEMORY_HOTPLUG, always" },
      NUMA: { needs: ["SPARSEMEM"] },
    }),
  ];
}

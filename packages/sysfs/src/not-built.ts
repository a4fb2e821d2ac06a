import { builtWithout, type ConfigSwitch, type KernelConfig, type Refusal } from "@memhp/abi";

/** Names that are there only in kernels with a switch (facts §2.1, §2.2, §2.11, §6.6); the first that fits explains an ENOENT. */
const places: readonly (readonly [name: RegExp, needs: ConfigSwitch])[] = [
  [/^\/sys\/(devices\/system|bus)\/memory(\/|$)/, "MEMORY_HOTPLUG"],
  [/^\/sys\/module\/memory_hotplug(\/|$)/, "MEMORY_HOTPLUG"],
  [/\/memory\/probe$/, "ARCH_MEMORY_PROBE"],
  [/\/memory\/(soft|hard)_offline_page$/, "MEMORY_FAILURE"],
  [/\/memory\/crash_hotplug$/, "CRASH_HOTPLUG"],
  [/\/memory\d+\/valid_zones$/, "MEMORY_HOTREMOVE"],
  [/^\/sys\/(devices\/system|bus)\/node(\/|$)/, "NUMA"],
  [/\/(memory|cpu)\d+\/node\d+(\/|$)/, "NUMA"],
  [/\/auto_movable_numa_aware$/, "NUMA"],
  [/\/node\/has_memory$/, "MOVABLE_NODE"],
  [/\/node\d+\/compact$/, "COMPACTION"],
  [/\/node\d+\/memory\d+(\/|$)/, "MEMORY_HOTPLUG"],
  [/\/node\d+\/memory_failure(\/|$)/, "MEMORY_FAILURE"],
  [/^\/sys\/firmware\/acpi\/hotplug\/memory(\/|$)/, "ACPI_HOTPLUG_MEMORY"],
  [/^\/sys\/(devices\/system|bus)\/container\/./, "ACPI_CONTAINER"],
  [/\/hugepages(\/|$)|\/nr_hugepages$/, "HUGETLBFS"],
];

/** The same refusal, and where the kernel was built without what has the name: that. */
export function explainMissing(config: KernelConfig, path: string, refusal: Refusal): Refusal {
  if (refusal.code !== "no_entry" || refusal.errno !== "ENOENT") return refusal;
  const needs = places.find(([name, each]) => !config[each] && name.test(path))?.[1];
  if (needs === undefined) return refusal;
  const { detail, remedy } = builtWithout(needs);
  return { ...refusal, detail: `${path}; ${detail}`, remedy };
}

import type { ConfigSwitch, KernelConfig } from "@memhp/abi";
import type { KernelText } from "@memhp/sysfs";
import type { Kernel } from "../kernel.ts";

/** What a kernel prints only where it was built with a switch. */
interface Words {
  readonly of: ConfigSwitch;
  readonly words: RegExp;
  /** Where it is written. */
  readonly fact: string;
}

const printed: readonly Words[] = [
  {
    of: "NUMA",
    words: /^numa_|^pgpromote_|^zone_reclaim_/,
    fact: "include/linux/mmzone.h, include/linux/vm_event_item.h: CONFIG_NUMA, CONFIG_NUMA_BALANCING (which needs it)",
  },
  { of: "MIGRATION", words: /^pgmigrate_|^thp_migration_/, fact: "include/linux/vm_event_item.h: CONFIG_MIGRATION" },
  { of: "COMPACTION", words: /^compact_/, fact: "include/linux/vm_event_item.h: CONFIG_COMPACTION" },
  {
    of: "TRANSPARENT_HUGEPAGE",
    words: /^thp_(?!migration_)|^AnonHugePages$|^(Shmem|File)HugePages$|^(Shmem|File)PmdMapped$/,
    fact: "fs/proc/meminfo.c, drivers/base/node.c, include/linux/vm_event_item.h: CONFIG_TRANSPARENT_HUGEPAGE",
  },
  {
    of: "HUGETLBFS",
    words: /^htlb_|^nr_hugetlb$|^hugepages$/,
    fact: "include/linux/vm_event_item.h, mmzone.h: CONFIG_HUGETLB_PAGE; mm/hugetlb.c hugetlb_register_node",
  },
  {
    of: "MEMORY_FAILURE",
    words: /^HardwareCorrupted$|^memory_failure$/,
    fact: "fs/proc/meminfo.c, drivers/base/node.c: CONFIG_MEMORY_FAILURE",
  },
  { of: "MEMORY_HOTREMOVE", words: /_device$/, fact: "mm/Kconfig: ZONE_DEVICE depends on MEMORY_HOTREMOVE" },
];

/** A kernel that was built without what `before` still had: what its files print then, and what boot computes. */
export function withoutIt(kernel: Kernel, before: KernelConfig): Kernel {
  const goes = (name: ConfigSwitch): boolean => before[name] && !kernel.config[name];
  let { text, sysfs, watermarks, pages } = kernel;
  for (const { of, words } of printed) if (goes(of)) text = withoutWords(text, words);
  // Its parameters are those of mm/memory_hotplug.c, which is not built.
  if (goes("MEMORY_HOTPLUG")) sysfs = { ...sysfs, hotplugParameters: false };
  if (goes("MEMORY_HOTREMOVE") && watermarks.zonesPerNode === 5) {
    sysfs = { ...sysfs, deviceZone: false };
    watermarks = { ...watermarks, zonesPerNode: 4 };
  }
  // mm/khugepaged.c is not built.
  if (goes("TRANSPARENT_HUGEPAGE")) watermarks = { ...watermarks, khugepagedRaises: false };
  if (goes("MIGRATION")) pages = { ...pages, pageOffline: { ...pages.pageOffline, softCannotMove: "ENOSYS" } };
  return { ...kernel, text, sysfs, watermarks, pages };
}

function withoutWords(text: KernelText, words: RegExp): KernelText {
  const rest = Object.entries(text).map(([part, names]: [string, readonly string[]]) => [
    part,
    names.filter((name) => !words.test(name)),
  ]);
  return Object.fromEntries(rest) as KernelText;
}

import { linux61 } from "../6.1/index.ts";
import type { Kernel } from "../kernel.ts";
import { sharedFlags } from "../shared/page-flags.ts";
import { text } from "./text.ts";

/** As 6.1, but for what came after 5.15. */
export const linux515: Kernel = {
  ...linux61,
  id: "5.15",
  title: "5.15",
  version: { major: 5, minor: 15 },
  about: "Linux 5.15 (longterm, Ubuntu 22.04's), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "5.15.100",
    like: "6.1",
    differs: {
      acpi: "drivers/acpi/scan.c: a device that is enumerated already answers EALREADY",
      zones: "mm/memory_hotplug.c test_pages_in_a_zone: an offline looks at the zone of every page",
      machine: "mm/hugetlb.c: hugepages= has no counts by node; mm/memory-tiers.c is of 6.1",
      notifier: "include/linux/memory.h: struct memory_notify still has status_change_nid_high",
      sysfs: "lib/kstrtox.c: of words only on and off, and y, n, 1, 0",
      pages: "mm/sparse.c clear_hwpoisoned_pages: removing memory lowers HardwareCorrupted",
      pageFlags: "include/linux/page-flags.h: no PG_anon_exclusive",
      capture: "a host's release",
      text: "mm/vmstat.c, fs/proc/meminfo.c, drivers/base/node.c",
    },
  },
  capture: { ...linux61.capture, since: [5, 15] },
  acpi: { ...linux61.acpi, checkOfBound: "EALREADY" },
  zones: { ...linux61.zones, oneZoneCheck: "every-page" },
  notifier: { ...linux61.notifier, statusChangeNids: "normal-high-any" },
  sysfs: { ...linux61.sysfs, boolWords: "on-off" },
  pages: { ...linux61.pages, removalLowersCorrupted: true },
  pageFlags: {
    ...linux61.pageFlags,
    flags: { ...linux61.pageFlags.flags, ...pagesOfOneProcess() },
  },
  machine: { ...linux61.machine, poolCounts: "of-all-nodes", memoryTiers: "none" },
  text,
};

/** Kinds whose flags tell in 6.1 that one process has the page alone. */
function pagesOfOneProcess(): Pick<typeof sharedFlags, "anonymous" | "mlocked" | "thp" | "hugetlb_2m" | "hugetlb_1g"> {
  const { anonymous, mlocked, thp, hugetlb_2m, hugetlb_1g } = sharedFlags;
  return { anonymous, mlocked, thp, hugetlb_2m, hugetlb_1g };
}

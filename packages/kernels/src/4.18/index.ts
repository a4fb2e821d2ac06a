import { linux510 } from "../5.10/index.ts";
import { linux515 } from "../5.15/index.ts";
import type { Kernel } from "../kernel.ts";
import { withoutKmem } from "../shared/drivers.ts";
import { text } from "./text.ts";

/** RHEL 8's, which has the memory hotplug of 5.10: words for auto-online, refused holes, `removable` that is always 1. */
export const linux418: Kernel = {
  ...linux510,
  id: "4.18",
  title: "4.18 of RHEL 8",
  version: { major: 4, minor: 18 },
  about: "RHEL 8's 4.18 (4.18.0-394.el8, of 8.7), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "4.18.0-394.el8",
    like: "5.10",
    differs: {
      boot: "arch/x86/mm/init_64.c: 2 GiB blocks only where the end of RAM allows",
      pages: "mm/memory-failure.c: hard offline of a poisoned page is EHWPOISON, as later; new_page as in 5.4",
      sysfs: "kernel/sysctl.c: drop_caches can be read",
      counters: "include/linux/mmzone.h: page tables are counted by node",
      config: "the distribution's: not built with NOTIFIER_ERROR_INJECTION",
      capture: "a host's release",
      drivers: "not read whether this build has kmem",
      text: "mm/vmstat.c, fs/proc/meminfo.c, drivers/base/node.c",
    },
  },
  config: { ...linux510.config, MEMORY_NOTIFIER_ERROR_INJECT: false },
  capture: { ...linux510.capture, since: [4, 18], onlyThis: true },
  boot: { ...linux510.boot, x86BlockSize: "by-end" },
  pages: {
    ...linux510.pages,
    softTarget: "new_page",
    pageOffline: { ...linux510.pages.pageOffline, hardPoisoned: "EHWPOISON" },
  },
  sysfs: { ...linux510.sysfs, dropCachesRead: "last-write" },
  counters: linux515.counters,
  drivers: withoutKmem(linux510.drivers),
  text,
};

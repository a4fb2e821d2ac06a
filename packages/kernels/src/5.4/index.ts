import { linux510 } from "../5.10/index.ts";
import type { Kernel } from "../kernel.ts";
import { kmemAlone } from "../shared/drivers.ts";
import { text } from "./text.ts";

/** As 5.10, but for what came after 5.4. */
export const linux54: Kernel = {
  ...linux510,
  id: "5.4",
  title: "5.4",
  version: { major: 5, minor: 4 },
  about: "Linux 5.4 (longterm, Ubuntu 20.04's), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "5.4.18",
    like: "5.10",
    differs: {
      zones: "facts §10: holes are tolerated, and `removable` is a scan of the pages, until 5.8",
      boot: "arch/x86/mm/init_64.c: 2 GiB blocks only where the end of RAM allows (facts §1.4); mm/page_alloc.c: free chunks go to the head of their lists",
      machine: "lists that begin with what came last: nothing is known of which block the kernel comes to use",
      pages:
        "mm/page_alloc.c: free chunks go to the head of their lists; mm/memory-failure.c: soft offline of a poisoned page is EBUSY, and where its own node has no room new_page looks further",
      sysfs: "facts §2.6: auto_online_blocks takes online and offline; no has_generic_initiator",
      watermarks: "mm/page_alloc.c: min_free_kbytes is 64 MiB at most",
      counters: "include/linux/mmzone.h: kernel stacks are counted by zone",
      drivers:
        "drivers/virtio/virtio_mem.c is of 5.8; drivers/dax/kmem.c: System RAM until 5.8; drivers/dax/hmem is of 5.5, mappings of 5.10",
      capture: "holes are tolerated since 4.19 at least as here (facts §10)",
      text: "mm/vmstat.c, fs/proc/meminfo.c, drivers/base/node.c",
    },
  },
  capture: { ...linux510.capture, since: [4, 19] },
  zones: { ...linux510.zones, holesRefuseOffline: false, removableFile: "page-scan" },
  boot: {
    ...linux510.boot,
    x86BlockSize: "by-end",
    memory: { ...linux510.boot.memory, listsBegin: "highest" },
  },
  machine: { ...linux510.machine, freshZone: "by-chance" },
  pages: {
    ...linux510.pages,
    placeMoved: "head",
    softTarget: "new_page",
    pageOffline: { ...linux510.pages.pageOffline, softPoisoned: "EBUSY" },
  },
  sysfs: {
    ...linux510.sysfs,
    autoOnlineWords: ["offline", "online"],
    genericInitiatorFile: false,
  },
  watermarks: { ...linux510.watermarks, mostMinFreeKb: 65_536 },
  counters: {
    ...linux510.counters,
    ofZone: { ...linux510.counters.ofZone, nr_kernel_stack: ["kernel_stack"] },
  },
  drivers: kmemAlone(linux510.drivers, {
    sources: ["pmem"],
    resourceName: "System RAM",
    mappings: false,
    hmemResource: false,
  }),
  text,
};

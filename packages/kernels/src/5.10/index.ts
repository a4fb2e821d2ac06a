import { linux515 } from "../5.15/index.ts";
import type { Kernel } from "../kernel.ts";
import { withKmem } from "../shared/drivers.ts";
import { text } from "./text.ts";

/** As 5.15, but for what came after 5.10. */
export const linux510: Kernel = {
  ...linux515,
  id: "5.10",
  title: "5.10",
  version: { major: 5, minor: 10 },
  about: "Linux 5.10 (longterm, Debian 11's), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "5.10.7",
    like: "5.15",
    differs: {
      acpi: "drivers/acpi/acpi_memhotplug.c: no memory groups before 5.15 (facts §10)",
      add: "facts §10: no memmap_on_memory and no groups before 5.14 and 5.15",
      sysfs: "facts §8: no parameters of memory_hotplug",
      pages:
        "mm/gup.c: pins that last stay where they are; mm/memory-failure.c: hard offline of a poisoned page is a success",
      watermarks: "mm/page_alloc.c: per-cpu lists are sized by their batch",
      counters: "include/linux/mmzone.h: page tables are counted by zone",
      capture: "a host's release; pins as above",
      drivers: "drivers/base/dd.c: what a probe said is lost",
      text: "mm/vmstat.c, fs/proc/meminfo.c, drivers/base/node.c",
    },
  },
  capture: { ...linux515.capture, since: [5, 10] },
  acpi: { ...linux515.acpi, memoryGroups: false },
  add: { ...linux515.add, memmapOnMemory: "absent", groups: false },
  sysfs: { ...linux515.sysfs, hotplugParameters: false },
  pages: {
    ...linux515.pages,
    longPinsLeaveMovable: false,
    pageOffline: { ...linux515.pages.pageOffline, softStuck: "EIO", hardPoisoned: "done" },
  },
  watermarks: { ...linux515.watermarks, pagesets: "by-batch" },
  counters: {
    ...linux515.counters,
    ofZone: { ...linux515.counters.ofZone, nr_page_table_pages: ["page_table"] },
  },
  drivers: withKmem(linux515.drivers, { bindTellsErrno: false }),
  text,
};

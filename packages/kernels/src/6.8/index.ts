import { linux612 } from "../6.12/index.ts";
import { linux61 } from "../6.1/index.ts";
import type { Kernel } from "../kernel.ts";
import { withKmem } from "../shared/drivers.ts";
import { text } from "./text.ts";

/** As 6.12, but for what came after it. */
export const linux68: Kernel = {
  ...linux612,
  id: "6.8",
  title: "6.8",
  version: { major: 6, minor: 8 },
  about: "Linux 6.8 (Ubuntu 24.04's), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "6.8.1",
    like: "6.12",
    differs: {
      acpi: "drivers/acpi/scan.c: a check scans the device itself, and one that is enumerated already answers EALREADY",
      capture: "mm/page_isolation.c: what lies across the end of a block must move, as in 6.1",
      config: "mm/Kconfig: without MEMORY_HOTPLUG_DEFAULT_ONLINE, which is not its default",
      pageFlags: "fs/proc/page.c: pages are read one by one, as in 6.1",
      drivers:
        "drivers/dax/kmem.c, cxl.c: struct pages on the memory for CXL alone, no file memmap_on_memory before 6.9",
      text: "mm/vmstat.c, fs/proc/meminfo.c, drivers/base/node.c",
    },
  },
  config: { ...linux612.config, defaultOnlineType: "offline" },
  capture: { ...linux61.capture, since: [6, 8] },
  acpi: { ...linux61.acpi, checkOfBound: "EALREADY" },
  pageFlags: linux61.pageFlags,
  drivers: withKmem(linux612.drivers, { memmapOnMemory: "cxl" }),
  text,
  recorder: linux61.recorder,
};

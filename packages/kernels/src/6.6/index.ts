import { linux61 } from "../6.1/index.ts";
import type { Kernel } from "../kernel.ts";
import { withKmem } from "../shared/drivers.ts";
import { linux68 } from "../6.8/index.ts";

/** As 6.8, but for what 6.7 and 6.8 brought. */
export const linux66: Kernel = {
  ...linux68,
  id: "6.6",
  title: "6.6",
  version: { major: 6, minor: 6 },
  about: "Linux 6.6 (longterm), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "between 6.5 and 6.8.1",
    like: "6.8",
    differs: {
      add: "facts §5.3, mm/memory_hotplug.c of 6.5 and 6.8.1: memmap_on_memory serves DIMMs of one block; each block by itself since 6.8",
      hotplug: "facts §3.3: no MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE before 6.8",
      watermarks: "mm/page_alloc.c: per-cpu lists are tuned since 6.7",
      capture: "a host's release",
      drivers: "drivers/dax/kmem.c: no struct pages on the memory before 6.8",
      text: "the names are 6.8's: not read in 6.6 itself",
    },
  },
  capture: { ...linux68.capture, since: [6, 6] },
  add: { ...linux68.add, memmapOnMemory: "one-block-dimm" },
  hotplug: linux61.hotplug,
  drivers: withKmem(linux68.drivers, { memmapOnMemory: "never" }),
  watermarks: { ...linux68.watermarks, pagesets: "by-watermark" },
};

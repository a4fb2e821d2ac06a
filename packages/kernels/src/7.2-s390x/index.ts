import { linux73 } from "../7.3/index.ts";
import type { Kernel } from "../kernel.ts";

/** Debian's build: no NUMA, no hwpoison files, nobody who announces memory (observed-newer §5). */
export const linux72s390x: Kernel = {
  ...linux73,
  id: "7.2-s390x",
  title: "7.2 for s390x",
  version: { major: 7, minor: 2 },
  about: "Debian's 7.2 (7.2.13), s390x, with standby memory",
  build: { of: "7.2", flavour: "s390x", platform: "s390x" },
  recordedRuns: 3,
  recordedSteps: 50,
  config: {
    ...linux73.config,
    ACPI_HOTPLUG_MEMORY: false,
    ACPI_CONTAINER: false,
    NUMA: false,
    MEMORY_FAILURE: false,
    CRASH_HOTPLUG: false,
  },
  boot: {
    ...linux73.boot,
    // 128 MiB of CMA below the last MiB: isolation refuses it (s_boot_offline: blocks 14 and 15 of 16).
    memory: { ...linux73.boot.memory, topPages: 0x8100 },
  },
  // VIRTIO_MEM is not set (observed-newer §5).
  drivers: { standby: "by-files" },
  sysfs: { ...linux73.sysfs, powerFiles: "absent" },
  recorder: { ...linux73.recorder, notifications: false },
};

import { linux73 } from "../7.3/index.ts";
import { onPpc64 } from "../kconfig/switches.ts";
import type { Kernel } from "../kernel.ts";
import { pseriesMemory } from "../shared/pseries-memory.ts";

/** Debian's build: DLPAR brings what it adds online, whatever auto_online_blocks says (observed-newer §3). */
export const linux72ppc64el: Kernel = {
  ...linux73,
  id: "7.2-ppc64el",
  title: "7.2 for ppc64el",
  version: { major: 7, minor: 2 },
  about: "Debian's 7.2 (7.2.13), ppc64el, with DLPAR and probe",
  build: { of: "7.2", flavour: "ppc64el", platform: "ppc64" },
  recordedRuns: 3,
  recordedSteps: 25,
  config: {
    ...linux73.config,
    ACPI_HOTPLUG_MEMORY: false,
    ACPI_CONTAINER: false,
    ARCH_MEMORY_PROBE: true,
  },
  boot: { ...linux73.boot, memory: { ...linux73.boot.memory, ...pseriesMemory } },
  kconfig: onPpc64(linux73.kconfig),
  sysfs: { ...linux73.sysfs, powerFiles: true },
  // VIRTIO_MEM depends on x86-64 or arm64.
  drivers: {},
  recorder: { ...linux73.recorder, notifications: false },
};

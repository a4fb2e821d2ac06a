import { linux612 } from "../6.12/index.ts";
import { onPpc64 } from "../kconfig/switches.ts";
import type { Kernel } from "../kernel.ts";
import { pseriesMemory } from "../shared/pseries-memory.ts";

/** Debian's build: DLPAR brings what it adds online, whatever auto_online_blocks says (observed-newer §3). */
export const linux612ppc64el: Kernel = {
  ...linux612,
  id: "6.12-ppc64el",
  title: "6.12 for ppc64el",
  about: "Debian's 6.12 (6.12.107), ppc64el, with DLPAR and probe",
  build: { of: "6.12", flavour: "ppc64el", platform: "ppc64" },
  recordedRuns: 18,
  recordedSteps: 181,
  config: {
    ...linux612.config,
    ACPI_HOTPLUG_MEMORY: false,
    ACPI_CONTAINER: false,
    ARCH_MEMORY_PROBE: true,
    defaultOnlineType: "offline",
  },
  boot: { ...linux612.boot, memory: { ...linux612.boot.memory, ...pseriesMemory } },
  kconfig: onPpc64(linux612.kconfig),
  sysfs: { ...linux612.sysfs, powerFiles: true },
  // VIRTIO_MEM depends on x86-64 or arm64.
  drivers: {},
  recorder: { ...linux612.recorder, unwrittenDefaultState: undefined },
};

import { linux612 } from "../6.12/index.ts";
import { onArm64 } from "../kconfig/switches.ts";
import type { Kernel } from "../kernel.ts";
import { withoutKmem } from "../shared/drivers.ts";

/** Debian's build: nobody in it serves PNP0C80 (observed-newer §4). */
export const linux612arm64: Kernel = {
  ...linux612,
  id: "6.12-arm64",
  title: "6.12 for arm64",
  about: "Debian's 6.12 (6.12.107), arm64, without ACPI memory hotplug",
  build: { of: "6.12", flavour: "arm64", platform: "arm64" },
  recordedRuns: 14,
  recordedSteps: 118,
  config: {
    ...linux612.config,
    ACPI_HOTPLUG_MEMORY: false,
    defaultOnlineType: "offline",
    CRASH_HOTPLUG: false,
  },
  kconfig: onArm64(linux612.kconfig),
  sysfs: { ...linux612.sysfs, powerFiles: true },
  machine: { ...linux612.machine, reservedName: "reserved" },
  drivers: withoutKmem(linux612.drivers),
  recorder: { ...linux612.recorder, unwrittenDefaultState: undefined },
};

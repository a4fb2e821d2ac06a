import { linux73 } from "../7.3/index.ts";
import { onArm64 } from "../kconfig/switches.ts";
import type { Kernel } from "../kernel.ts";
import { withoutKmem } from "../shared/drivers.ts";

/** Debian's build; what was recorded of it is as 7.3 (observed-newer §4). No module recorded the notifier chain. */
export const linux72arm64: Kernel = {
  ...linux73,
  id: "7.2-arm64",
  title: "7.2 for arm64",
  version: { major: 7, minor: 2 },
  about: "Debian's 7.2 (7.2.13), arm64, without ACPI memory hotplug",
  build: { of: "7.2", flavour: "arm64", platform: "arm64" },
  recordedRuns: 2,
  recordedSteps: 11,
  config: { ...linux73.config, ACPI_HOTPLUG_MEMORY: false, CRASH_HOTPLUG: false },
  kconfig: onArm64(linux73.kconfig),
  machine: { ...linux73.machine, reservedName: "reserved" },
  drivers: withoutKmem(linux73.drivers),
  recorder: { ...linux73.recorder, notifications: false },
};

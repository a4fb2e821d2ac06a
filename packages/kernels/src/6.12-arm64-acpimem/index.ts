import { linux612arm64 } from "../6.12-arm64/index.ts";
import type { Kernel } from "../kernel.ts";

/** A small build of the same source: with ACPI memory hotplug, without power management (observed-newer §4). */
export const linux612arm64acpimem: Kernel = {
  ...linux612arm64,
  id: "6.12-arm64-acpimem",
  title: "6.12 for arm64 with ACPI memory hotplug",
  about: "Linux 6.12.107, arm64, built small with ACPI memory hotplug",
  build: { of: "6.12", flavour: "arm64-acpimem", platform: "arm64" },
  recordedRuns: 12,
  recordedSteps: 107,
  config: { ...linux612arm64.config, ACPI_HOTPLUG_MEMORY: true },
  sysfs: { ...linux612arm64.sysfs, powerFiles: "absent", deviceZone: false },
};

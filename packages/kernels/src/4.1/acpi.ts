import type { AcpiRules } from "@memhp/acpi";

export const acpi: AcpiRules = {
  scan: "own-node",
  checkOfBound: "EALREADY",
  checkOfUnclaimed: "ENODEV",
  driverLeaves: "with-memory",
  memoryGroups: false,
  requestOfflineEnv: undefined,
  forceRemove: "works",
  ostEjectBusy: 1,
};

import type { AcpiRules } from "@memhp/acpi";

/** It scans from the parent, which is why the container says `online` after a DIMM add (observed-6 §13). */
export const acpi: AcpiRules = {
  scan: "subtree-then-parent",
  checkOfBound: 0,
  checkOfUnclaimed: 0,
  driverLeaves: "when-gone",
  memoryGroups: true,
  requestOfflineEnv: { EVENT: "offline" },
  forceRemove: "refused",
  ostEjectBusy: 0x82,
};

import type { AcpiRules } from "@memhp/acpi";

/** As its stable releases have it: a failed attach is no failed check (observed-6 §8: b_dimm_odd_sizes). */
export const acpi: AcpiRules = {
  scan: "own-node",
  checkOfBound: 0,
  checkOfUnclaimed: 0,
  driverLeaves: "with-memory",
  memoryGroups: true,
  requestOfflineEnv: { EVENT: "offline" },
  forceRemove: "refused",
  ostEjectBusy: 0x82,
};

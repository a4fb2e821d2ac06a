import type { ErrnoName, KernelId, KernelProfile } from "@memhp/abi";

/** What one kernel's ACPI code does, as data. */
export interface AcpiRules {
  /**
   * How a check scans. `own-node`: the device itself, downwards. `subtree-then-parent`: first take apart what
   * vanished below it; a device check then scans from the parent, so siblings and the parent's container hear of it.
   */
  readonly scan: "own-node" | "subtree-then-parent";
  /** Device check of a device that its driver holds already. */
  readonly checkOfBound: 0 | ErrnoName;
  /** Device check after which no driver holds the device. */
  readonly checkOfUnclaimed: 0 | ErrnoName;
  /** When an eject takes the driver away: with the memory, or only when _STA shows that the device is gone. */
  readonly driverLeaves: "with-memory" | "when-gone";
  /** One static memory group for each memory device, and an empty device is named as such (facts/kernel.md §6.1). */
  readonly memoryGroups: boolean;
  /** Variables of the change uevent that asks userspace to empty a container (facts/kernel.md §6.5). */
  readonly requestOfflineEnv: Readonly<Record<string, string>> | undefined;
  /** The file force_remove: a switch that works, or one that cannot be set any more (facts/kernel.md §6.6). */
  readonly forceRemove: "works" | "refused";
}

const rules41: AcpiRules = {
  scan: "own-node",
  checkOfBound: "EALREADY",
  checkOfUnclaimed: "ENODEV",
  driverLeaves: "with-memory",
  memoryGroups: false,
  requestOfflineEnv: undefined,
  forceRemove: "works",
};

/** 6.1 as its stable releases have it: a failed attach is no failed check (observed-6 §8: b_dimm_odd_sizes). */
const rules61: AcpiRules = {
  ...rules41,
  checkOfBound: 0,
  checkOfUnclaimed: 0,
  memoryGroups: true,
  requestOfflineEnv: { EVENT: "offline" },
  forceRemove: "refused",
};

/** 6.12 scans from the parent, which is why the container says `online` after a DIMM add (observed-6 §13). */
const rules612: AcpiRules = { ...rules61, scan: "subtree-then-parent", driverLeaves: "when-gone" };

const rules: Readonly<Record<KernelId, AcpiRules>> = {
  "4.1": rules41,
  "4.1-nomn": rules41,
  "6.1": rules61,
  "6.12": rules612,
};

export function acpiRules(profile: KernelProfile): AcpiRules {
  return rules[profile.id];
}

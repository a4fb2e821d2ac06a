import type { ErrnoName, KernelConfig } from "@memhp/abi";

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
  /** Status of the final _OST of an eject that met EBUSY (facts §6.3, observed-6 §8). */
  readonly ostEjectBusy: number;
}

/** What the kernel's ACPI code needs to know of a kernel. */
export interface AcpiKernel {
  readonly config: KernelConfig;
  readonly acpi: AcpiRules;
}

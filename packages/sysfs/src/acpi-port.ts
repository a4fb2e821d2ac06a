import type { Caller, Result } from "@memhp/abi";

/** An ACPI device as its files show it. */
export interface AcpiDeviceView {
  /** Below /sys: `/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00`. `firmware_node` of a block leads there. */
  readonly devpath: string;
  /** Its place in the namespace: `\_SB_.MHPC.MP00`. */
  readonly path: string;
  readonly hid: string;
  readonly uid: string | undefined;
  /** _STA, or undefined without that method. */
  readonly status: number | undefined;
  /** Whether _EJ0 exists, and with it the file `eject`. */
  readonly ejectable: boolean;
  /** What it describes, seen as the links `physical_node`, `physical_node1`, … */
  readonly physicalNodes: readonly { readonly id: number; readonly devpath: string }[];
}

/** The device of a container: /sys/devices/system/container/ACPI0004:00. */
export interface ContainerView {
  /** Named like its ACPI device. */
  readonly name: string;
  /** Devpath of the ACPI device. */
  readonly firmwareNode: string;
  readonly online: boolean;
}

/** What the adapter needs of ACPI. A machine without it has none of these files. */
export interface AcpiPort {
  /** Directories of /sys/firmware/acpi/hotplug: `memory`, `processor`, `pci_root` (facts/kernel.md §6.6). */
  hotplugProfiles(): readonly string[];
  hotplugEnabled(profile: string): boolean;
  setHotplugEnabled(profile: string, enabled: boolean): void;
  /** force_remove; only 4.1 can set it. */
  forceRemove(): boolean;
  /** Later kernels keep the file and refuse to set it (facts §6.6). */
  canForceRemove(): boolean;
  setForceRemove(value: boolean): void;
  devices(): readonly AcpiDeviceView[];
  /** A write of 1 to `eject`: accepted or refused at once, carried out later. */
  eject(devpath: string): Result<void>;
  /** Containers that the kernel's driver holds (facts/kernel.md §6.5). */
  containers(): readonly ContainerView[];
  /** A write to `online` of a container's device. */
  setContainerOnline(name: string, online: boolean, caller?: Caller): Promise<Result<void>>;
}

import type { Caller, Result } from "@memhp/abi";
import type { Acpi } from "./acpi.ts";

/** An ACPI device as a file tree of somebody else's shows it. */
export interface AcpiDeviceView {
  /** Below /sys: `/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00`. */
  readonly devpath: string;
  /** Its place in the namespace: `\_SB_.MHPC.MP00`. */
  readonly path: string;
  readonly hid: string;
  readonly uid: string | undefined;
  /** _STA, or undefined without that method. */
  readonly status: number | undefined;
  /** Whether _EJ0 exists, and with it the file `eject`. */
  readonly ejectable: boolean;
  /** Names and devpaths of its physical devices: `physical_node`, `physical_node1`, … */
  readonly physicalNodes: readonly { readonly id: number; readonly devpath: string }[];
}

/** The device of a container, /sys/devices/system/container/ACPI0004:00, as a file tree of somebody else's shows it. */
export interface ContainerView {
  /** Named like its ACPI device: `ACPI0004:00`. */
  readonly name: string;
  /** Devpath of the ACPI device. */
  readonly firmwareNode: string;
  readonly online: boolean;
}

/** What a file tree that builds its own files (`@memhp/sysfs`) asks of ACPI. */
export interface AcpiViews extends Pick<
  Acpi,
  "hotplugProfiles" | "hotplugEnabled" | "setHotplugEnabled" | "forceRemove" | "canForceRemove" | "setForceRemove"
> {
  devices(): readonly AcpiDeviceView[];
  eject(devpath: string): Result<void>;
  /** Containers that the kernel's driver holds. */
  containers(): readonly ContainerView[];
  /** A write to the `online` of a container's device. */
  setContainerOnline(name: string, online: boolean, caller?: Caller): Promise<Result<void>>;
}

/** What the files of ACPI devices and containers show and take, over the kernel's ACPI code. */
export function createAcpiViews(acpi: Acpi): AcpiViews {
  const views = (): AcpiDeviceView[] =>
    [...acpi.devices()].map(({ node, physicalNodes }) => ({
      devpath: node.devpath,
      path: node.path,
      hid: node.methods._HID ?? "device",
      uid: node.methods._UID,
      status: node.methods._STA,
      ejectable: node.methods._EJ0 === true,
      physicalNodes: [...physicalNodes].map(({ id, device: { devpath } }) => ({ id, devpath })),
    }));
  return {
    hotplugProfiles: () => acpi.hotplugProfiles(),
    hotplugEnabled: (name) => acpi.hotplugEnabled(name),
    setHotplugEnabled: (name, enabled) => acpi.setHotplugEnabled(name, enabled),
    forceRemove: () => acpi.forceRemove(),
    canForceRemove: () => acpi.canForceRemove(),
    setForceRemove: (value) => acpi.setForceRemove(value),
    devices: views,
    eject(devpath) {
      const device = views().find((view) => view.devpath === devpath);
      if (device === undefined) throw new RangeError(`no ACPI device ${devpath}`);
      return acpi.requestEject(device.path);
    },
    containers: () =>
      [...acpi.devices()]
        .filter(({ kind, physicalNodes: [first] }) => kind === "container" && first !== undefined)
        .map(({ node, physicalNodes }) => ({
          name: node.busId,
          firmwareNode: node.devpath,
          online: physicalNodes.firstOnline() !== undefined,
        })),
    async setContainerOnline(name, online, caller) {
      const node = acpi.namespace.byBusId(name);
      if (node === undefined) throw new RangeError(`no container ${name}`);
      return acpi.setContainerOnline(node.path, online, caller);
    },
  };
}

import type { ResourceDescriptor } from "./crs.ts";

/** What the objects and methods of a device answer at the moment. One that is left out does not exist. */
export interface AcpiMethods {
  readonly _HID?: string;
  readonly _UID?: string;
  /** Status bits, `status.ts`. */
  readonly _STA?: number;
  /** Address space descriptors, or a method that fails. */
  readonly _CRS?: readonly ResourceDescriptor[] | "fails";
  /** Proximity domain. */
  readonly _PXM?: number;
  /** Number of the slot, for people. */
  readonly _SUN?: number;
  /** Whether the device can be ejected. */
  readonly _EJ0?: boolean;
  /** Whether the device listens to _OST. */
  readonly _OST?: boolean;
  /** Whether it is a docking station, which the container driver leaves alone. */
  readonly _DCK?: boolean;
}

/** A device of the namespace. */
export interface AcpiNode {
  /** `MP00`. */
  readonly name: string;
  /** `\_SB_.MHPC.MP00`. */
  readonly path: string;
  /** Name of the Linux device: `PNP0C80:00`. */
  readonly busId: string;
  /** Below /sys: `/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00`. */
  readonly devpath: string;
  readonly parent: AcpiNode | undefined;
  readonly children: readonly AcpiNode[];
  methods: AcpiMethods;
}

export function createNode(parent: AcpiNode | undefined, name: string, busId: string, methods: AcpiMethods): AcpiNode {
  const node: AcpiNode = {
    name,
    path: parent === undefined ? "\\" : parent.parent === undefined ? `\\${name}` : `${parent.path}.${name}`,
    busId,
    devpath: `${parent?.devpath ?? "/devices"}/${busId}`,
    parent,
    children: [],
    methods,
  };
  if (parent !== undefined) (parent.children as AcpiNode[]).push(node);
  return node;
}

/** _PXM of the device or of its nearest ancestor that has one (facts/kernel.md §6.1). */
export function proximityOf(node: AcpiNode): number | undefined {
  for (let at: AcpiNode | undefined = node; at !== undefined; at = at.parent) {
    if (at.methods._PXM !== undefined) return at.methods._PXM;
  }
  return undefined;
}

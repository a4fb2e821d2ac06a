import type { AcpiDeviceDescription, NamespaceDescription } from "./namespace.ts";

/** QEMU's own limit; its names have two digits. */
const QEMU_SLOTS = 256;
/** As many as three digits of base 36 can name. */
export const MAX_NAMED_SLOTS: number = 36 ** 3;

const digits = (slot: number, base: number, count: number): string =>
  slot.toString(base).toUpperCase().padStart(count, "0");

function slotName(slot: number, slots: number): string {
  return slots > QEMU_SLOTS ? `M${digits(slot, 36, 3)}` : `MP${digits(slot, 16, 2)}`;
}

/** Path of a slot in `qemuNamespace(slots)`: `\_SB_.MHPC.MP00`. */
export function qemuSlotPath(slot: number, slots: number): string {
  return `\\_SB_.MHPC.${slotName(slot, slots)}`;
}

/** A PNP0A06 that only holds resources. */
export interface ResourceDevice {
  readonly name: string;
  readonly uid: string;
}

const pcDevices: readonly ResourceDevice[] = [
  { name: "GPE0", uid: "GPE0 resources" },
  { name: "PHPR", uid: "PCI Hotplug resources" },
  { name: "PRES", uid: "CPU Hotplug resources" },
  { name: "MHPD", uid: "Memory hotplug resources" },
];

/**
 * The part of QEMU's namespace that memory hotplug needs: the memory device container `\_SB_.MHPC` with an empty slot
 * for each DIMM, and before it the devices that give it its number: PNP0A06:04 on a PC (6.1: x_firmware_memmap).
 * @param before what the board has before the container; a PC's unless told otherwise.
 * @param slots 1 to 46656. Beyond QEMU's 256, all names are `M000`, `M001`, … in base 36.
 * @throws RangeError for a number of slots that no board has
 */
export function qemuNamespace(slots: number, before: readonly ResourceDevice[] = pcDevices): NamespaceDescription {
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_NAMED_SLOTS) {
    throw new RangeError(`a machine has 1 to ${MAX_NAMED_SLOTS} memory slots, not ${slots}`);
  }
  const slot = (_: unknown, index: number): AcpiDeviceDescription => ({
    name: slotName(index, slots),
    _HID: "PNP0C80",
    _UID: `0x${digits(index, 16, 2)}`,
    _STA: 0,
    _CRS: [],
    _PXM: 0,
    _EJ0: true,
    _OST: true,
  });
  return {
    devices: [
      {
        name: "PCI0",
        _HID: "PNP0A08",
        children: before.map(({ name, uid }) => ({ name, _HID: "PNP0A06", _UID: uid, _STA: 0xb })),
      },
      { name: "MHPC", _HID: "PNP0A06", _UID: "DIMM devices", children: Array.from({ length: slots }, slot) },
    ],
  };
}

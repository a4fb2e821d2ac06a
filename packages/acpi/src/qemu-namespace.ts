import type { AcpiDeviceDescription, NamespaceDescription } from "./namespace.ts";

/** QEMU's own limit; its names have two digits. */
const QEMU_SLOTS = 256;
/** As many as three digits of base 36 can name. */
const MAX_SLOTS = 36 ** 3;

const digits = (slot: number, base: number, count: number): string =>
  slot.toString(base).toUpperCase().padStart(count, "0");

function slotName(slot: number, slots: number): string {
  return slots > QEMU_SLOTS ? `M${digits(slot, 36, 3)}` : `MP${digits(slot, 16, 2)}`;
}

/** Path of a slot in `qemuNamespace(slots)`: `\_SB_.MHPC.MP00`. */
export function qemuSlotPath(slot: number, slots: number): string {
  return `\\_SB_.MHPC.${slotName(slot, slots)}`;
}

/**
 * The part of QEMU's namespace that memory hotplug needs: the memory device container `\_SB_.MHPC` with an empty slot
 * for each DIMM, and before it the four devices that make it PNP0A06:04 (6.1: x_firmware_memmap).
 * @param slots 1 to 46656. Beyond QEMU's 256, all names are `M000`, `M001`, … in base 36.
 */
export function qemuNamespace(slots: number): NamespaceDescription {
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS) {
    throw new RangeError(`a machine has 1 to ${MAX_SLOTS} memory slots, not ${slots}`);
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
        children: [
          { name: "GPE0", _HID: "PNP0A06", _UID: "GPE0 resources", _STA: 0xb },
          { name: "PHPR", _HID: "PNP0A06", _UID: "PCI Hotplug resources", _STA: 0xb },
          { name: "PRES", _HID: "PNP0A06", _UID: "CPU Hotplug resources", _STA: 0xb },
          { name: "MHPD", _HID: "PNP0A06", _UID: "Memory hotplug resources", _STA: 0xb },
        ],
      },
      { name: "MHPC", _HID: "PNP0A06", _UID: "DIMM devices", children: Array.from({ length: slots }, slot) },
    ],
  };
}

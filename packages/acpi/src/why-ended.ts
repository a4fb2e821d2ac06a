import type { ErrnoName, Refusal } from "@memhp/abi";

/** Ends without anything that was refused on the way: what the flow itself decides (facts/kernel.md §6.3). */
const ends: Readonly<Partial<Record<ErrnoName, Pick<Refusal, "code" | "rule" | "retry" | "remedy">>>> = {
  EALREADY: {
    code: "already_in_state",
    rule: "facts §6.3: a device check finds the device as it was",
    retry: "no",
    remedy: [],
  },
  ENODEV: {
    code: "no_entry",
    rule: "facts §6.3: no driver takes the device, or it has no _EJ0",
    retry: "no",
    remedy: ["give the device's firmware description what the driver needs: _HID, _CRS, _EJ0"],
  },
  EPERM: {
    code: "eject_disabled",
    rule: "facts §6.3: /sys/firmware/acpi/hotplug/memory/enabled is 0",
    retry: "yes",
    remedy: ["write 1 to /sys/firmware/acpi/hotplug/memory/enabled"],
  },
};

/** Of what else a flow may fail: the firmware, which gives no reason. */
const ofFirmware = {
  code: "no_entry",
  rule: "facts §6.3: _EJ0 failed",
  retry: "maybe",
  remedy: ["look at what the firmware says of the device"],
} as const;

/** Why a flow ended with an errno: the last refusal that has it, or the end that the flow decides by itself. */
export function whyEnded(errno: ErrnoName, refusals: readonly Refusal[]): Refusal {
  return refusals.findLast((refusal) => refusal.errno === errno) ?? { errno, ...(ends[errno] ?? ofFirmware) };
}

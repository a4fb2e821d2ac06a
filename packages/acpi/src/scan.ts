import { type BusDevice, isBound, isEnumerated } from "./bus-device.ts";
import type { KernelReturn } from "./kernel-return.ts";
import { isEnabled, isPresent } from "./status.ts";
import { type AcpiSystem, logDevice } from "./system.ts";
import { detach, settle, trim } from "./trim.ts";

/**
 * Goes over a device and all below it, and lets drivers take what is there and not taken (`[41] drivers/acpi/scan.c`
 * acpi_bus_attach). A device whose driver failed hides its children. A container speaks up after its members.
 */
export async function scan(device: BusDevice): Promise<void> {
  if (!isPresent(device.node.methods._STA)) {
    await markMissing(device);
    return;
  }
  if (device.kind !== "plain") {
    if (device.life.can({ type: "APPEAR" })) await device.life.run({ type: "APPEAR" });
    if (!isBound(device)) await device.life.run({ type: "ATTACH" });
    if (device.life.state === "present.failed") return;
  }
  for (const child of device.children) await scan(child);
  if (device.kind === "container" && device.life.can({ type: "ANNOUNCE" })) await device.life.run({ type: "ANNOUNCE" });
}

/** The kernel forgets that it enumerated the device, but its driver and memory stay. */
async function markMissing(device: BusDevice): Promise<void> {
  if (device.kind === "plain") return;
  if (isBound(device)) await device.life.run({ type: "SKIP" });
  else await settle(device);
}

type Check = (system: AcpiSystem, device: BusDevice) => Promise<KernelReturn>;

/** Bus check and device check for each way to scan (facts/kernel.md §6.3). */
interface Checks {
  readonly busCheck: Check;
  readonly deviceCheck: Check;
}

async function notPresent(system: AcpiSystem, device: BusDevice): Promise<KernelReturn> {
  if (!isEnumerated(device)) {
    logDevice(system, device.node, "Still not present");
    return "EALREADY";
  }
  await trim(device, { keepDriver: false });
  await settle(device);
  return 0;
}

/** 4.1, 6.1. What the check of a device that is there answers is data of the profile. */
const ownNode: Checks = {
  async busCheck(system, device) {
    if (!isPresent(device.node.methods._STA)) {
      await notPresent(system, device);
      return 0;
    }
    await scan(device);
    // Each child is scanned once more, from itself.
    for (const child of device.children) await ownNode.busCheck(system, child);
    return 0;
  },
  async deviceCheck(system, device) {
    if (!isPresent(device.node.methods._STA)) return notPresent(system, device);
    if (isBound(device)) {
      if (system.rules.checkOfBound !== 0) logDevice(system, device.node, "Already enumerated");
      return system.rules.checkOfBound;
    }
    await scan(device);
    if (isBound(device) || system.rules.checkOfUnclaimed === 0) return 0;
    logDevice(system, device.node, "Enumeration failure");
    return system.rules.checkOfUnclaimed;
  },
};

/** Takes apart what vanished in a subtree, children first and from the last (6.12: acpi_scan_check_subtree). */
async function takeApartVanished(device: BusDevice): Promise<void> {
  for (const child of device.children.toReversed()) await takeApartVanished(child);
  if (isEnabled(device.node.methods._STA) || !isEnumerated(device)) return;
  await detach(device, { keepDriver: false });
  await settle(device);
}

/** 6.12. */
const subtreeThenParent: Checks = {
  async busCheck(_system, device) {
    await takeApartVanished(device);
    await scan(device);
    return 0;
  },
  async deviceCheck(system, device) {
    await takeApartVanished(device);
    if (!isPresent(device.node.methods._STA)) return 0;
    if (isBound(device)) return system.rules.checkOfBound;
    await scan(device.parent ?? device);
    return 0;
  },
};

const checks: Readonly<Record<AcpiSystem["rules"]["scan"], Checks>> = {
  "own-node": ownNode,
  "subtree-then-parent": subtreeThenParent,
};

export function busCheck(system: AcpiSystem, device: BusDevice): Promise<KernelReturn> {
  return checks[system.rules.scan].busCheck(system, device);
}

export function deviceCheck(system: AcpiSystem, device: BusDevice): Promise<KernelReturn> {
  return checks[system.rules.scan].deviceCheck(system, device);
}

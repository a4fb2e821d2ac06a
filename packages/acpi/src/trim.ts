import type { BusDevice } from "./bus-device.ts";
import { isPresent } from "./status.ts";

interface DetachOptions {
  /** The driver stays until the firmware has taken the device away. */
  readonly keepDriver: boolean;
}

/** Takes the driver away from a device and all below it: last child first, depth first (facts/kernel.md §6.3). */
export async function trim(device: BusDevice, options: DetachOptions): Promise<void> {
  for (const child of device.children.toReversed()) await trim(child, options);
  await detach(device, options);
}

export async function detach(device: BusDevice, { keepDriver }: DetachOptions): Promise<void> {
  if (device.kind === "plain" || !device.awake) return;
  const event = { type: "DETACH", keepDriver } as const;
  if (device.life.can(event)) await device.life.run(event);
}

/** Lets go of what drivers kept of an ejected device and of all below it (6.12: acpi_bus_post_eject). */
export async function release(device: BusDevice): Promise<void> {
  for (const child of device.children.toReversed()) await release(child);
  if (device.kind === "plain" || !device.awake) return;
  if (device.life.can({ type: "RELEASE" })) await device.life.run({ type: "RELEASE" });
}

/** Devices without a driver that are not there any more are empty slots again. */
export async function settle(device: BusDevice): Promise<void> {
  for (const child of device.children) await settle(child);
  if (device.kind === "plain" || !device.awake || isPresent(device.node.methods._STA)) return;
  if (device.life.can({ type: "VANISH" })) await device.life.run({ type: "VANISH" });
}

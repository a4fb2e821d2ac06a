import { type Refusal, refused } from "@memhp/abi";
import { type BusDevice, descendantsPostOrder, descendantsPreOrder, isBound } from "./bus-device.ts";
import { containerBusy } from "./container-steps.ts";
import type { KernelReturn } from "./kernel-return.ts";
import { offlineNodes, onlineNodes } from "./offline-nodes.ts";
import { NOTIFY_EJECT_REQUEST, OST_EJECT_IN_PROGRESS } from "./ost.ts";
import { STA_ENABLED } from "./status.ts";
import { type AcpiSystem, evaluateOst, logDevice, noteRefusal } from "./system.ts";
import { release, settle, trim } from "./trim.ts";

/** Status of a method that does not exist, as ACPICA numbers it. */
const AE_NOT_FOUND = 0x5;

/** Eject request, from firmware or sysfs (facts/kernel.md §6.3). */
export async function eject(system: AcpiSystem, device: BusDevice): Promise<KernelReturn> {
  if (isEjectDisabled(system, device)) {
    logDevice(system, device.node, "Eject disabled");
    const refusal: Refusal = {
      errno: "EPERM",
      code: "eject_disabled",
      rule: "facts §6.3: /sys/firmware/acpi/hotplug/memory/enabled is 0",
      retry: "yes",
      remedy: ["write 1 to /sys/firmware/acpi/hotplug/memory/enabled"],
    };
    noteRefusal(system, refused(refusal));
    return "EPERM";
  }
  // Source 3 even for an eject from sysfs.
  evaluateOst(system, device.node, NOTIFY_EJECT_REQUEST, OST_EJECT_IN_PROGRESS);
  const errno = demandsOffline(system, device)
    ? await requireOffline(system, device)
    : await tryToOffline(system, device);
  return errno === 0 ? remove(system, device) : errno;
}

/** Whether `enabled` of the driver that holds the device reads 0. The container driver has no such file. */
export function isEjectDisabled(system: AcpiSystem, device: BusDevice): boolean {
  return device.kind === "memory" && isBound(device) && system.profiles.get("memory") === false;
}

/** A held container must be offline already, unless force_remove is on (facts/kernel.md §6.5). */
function demandsOffline(system: AcpiSystem, device: BusDevice): boolean {
  return device.kind === "container" && isBound(device) && !system.forceRemove;
}

async function requireOffline(system: AcpiSystem, device: BusDevice): Promise<KernelReturn> {
  const busy = device.physicalNodes.firstOnline();
  if (busy === undefined) return 0;
  if (device.kind === "container") await device.life.run({ type: "EJECT" });
  noteRefusal(system, refused(containerBusy(`${busy.device.devpath} is online`)));
  return "EBUSY";
}

/** Two passes over everything below, deepest first, and then the device itself; or all back as it was. */
async function tryToOffline(system: AcpiSystem, target: BusDevice): Promise<KernelReturn> {
  const below = [...descendantsPostOrder(target)];
  let failed = false;
  for (const device of below) {
    if (isEjectDisabled(system, device)) {
      logDevice(system, device.node, "Offline disabled.");
      for (const other of descendantsPreOrder(target)) await rollBack(other);
      return "EPERM";
    }
    if (!(await offlinePass(system, device, "first"))) failed = true;
  }
  if (!(await offlinePass(system, target, "first"))) failed = true;
  if (!failed || (await secondPass(system, [...below, target]))) return 0;
  await rollBack(target);
  for (const device of descendantsPreOrder(target)) await rollBack(device);
  return "EBUSY";
}

async function secondPass(system: AcpiSystem, devices: readonly BusDevice[]): Promise<boolean> {
  for (const device of devices) if (!(await offlinePass(system, device, "second"))) return false;
  return true;
}

const passEvents = { first: { type: "OFFLINE" }, second: { type: "OFFLINE_AGAIN" } } as const;

/** One pass over one device's physical devices; a memory device's statechart walks along. */
async function offlinePass(system: AcpiSystem, device: BusDevice, pass: "first" | "second"): Promise<boolean> {
  if (device.kind === "memory" && device.awake && device.life.can(passEvents[pass])) {
    await device.life.run(passEvents[pass]);
    return device.life.state === "ejecting.emptied";
  }
  return (await offlineNodes(system, device.physicalNodes, pass)).type === "DONE";
}

async function rollBack(device: BusDevice): Promise<void> {
  if (device.kind === "memory" && device.awake && device.life.can({ type: "ROLL_BACK" }))
    await device.life.run({ type: "ROLL_BACK" });
  else await onlineNodes(device.physicalNodes);
}

/** Trim, _EJ0, and a look at _STA. From here on memory is gone, whatever the firmware answers. */
async function remove(system: AcpiSystem, device: BusDevice): Promise<KernelReturn> {
  await trim(device, { keepDriver: system.rules.driverLeaves === "when-gone" });
  const { node } = device;
  if (node.methods._EJ0 !== true) return "ENODEV";
  if (!(await evaluateEj0(system, device))) return "EIO";
  const sta = node.methods._STA;
  if (sta === undefined) {
    logDevice(system, node, `Status check after eject failed (0x${AE_NOT_FOUND.toString(16)})`);
  } else if ((sta & STA_ENABLED) !== 0) {
    logDevice(system, node, `Eject incomplete - status 0x${sta.toString(16)}`);
  } else {
    await release(device);
  }
  await settle(device);
  return 0;
}

async function evaluateEj0(system: AcpiSystem, device: BusDevice): Promise<boolean> {
  const { firmware } = system.ports;
  if (firmware.eject !== undefined) return firmware.eject(device.node.path);
  for (const { node } of [device, ...descendantsPreOrder(device)]) {
    if (node.methods._STA !== undefined) node.methods = { ...node.methods, _STA: 0 };
  }
  return true;
}

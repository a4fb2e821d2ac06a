import { done } from "@memhp/abi";
import type { Acpi } from "../acpi.ts";
import type { BusDevice } from "../bus-device.ts";
import { physicalNodeName } from "../physical-node.ts";
import { type AcpiFileNode, badWord, directory, link, readOnly, readWrite, writeOnly } from "./file-node.ts";
import { parseBool } from "./hotplug-files.ts";

/** An ACPI device's directory, with those of its children (6.1: x_firmware_memmap). */
export function deviceDirectory(acpi: Acpi, device: BusDevice): AcpiFileNode {
  const { node, physicalNodes, children } = device;
  const { _HID: hid, _UID: uid, _STA: sta, _SUN: sun, _EJ0: ejectable } = node.methods;
  const links = [...physicalNodes].map(({ id, device: { devpath } }) => [
    physicalNodeName(id),
    link(node.devpath, devpath),
  ]);
  const below = children.map((child) => [child.node.busId, () => deviceDirectory(acpi, child)]);
  return directory({
    ...Object.fromEntries(below),
    ...Object.fromEntries(links),
    eject: ejectable === true ? ejectFile(acpi, node.path) : undefined,
    hid: hid === undefined ? undefined : readOnly(() => `${hid}\n`),
    modalias: hid === undefined ? undefined : readOnly(() => `acpi:${hid}:\n`),
    path: readOnly(() => `${node.path}\n`),
    power: directory({}),
    status: sta === undefined ? undefined : readOnly(() => `${sta}\n`),
    subsystem: link(node.devpath, "/bus/acpi"),
    sun: sun === undefined ? undefined : readOnly(() => `${sun}\n`),
    uevent: ueventFile(acpi, node.devpath, "acpi", hid === undefined ? "" : `MODALIAS=acpi:${hid}:\n`),
    uid: uid === undefined ? undefined : readOnly(() => `${uid}\n`),
  });
}

/** The first byte must be 1; what follows is not looked at (facts/kernel.md §6.6). */
function ejectFile(acpi: Acpi, path: string): AcpiFileNode {
  return writeOnly(acpi.ports.profile, (text) =>
    text.startsWith("1") ? acpi.requestEject(path) : badWord(text, "facts §6.6: eject", "write 1"),
  );
}

/** /sys/devices/system/container: a directory for each container that a driver holds. */
export function containersDirectory(acpi: Acpi): AcpiFileNode {
  const containers = heldContainers(acpi).map(({ device, devpath }) => [
    device.node.busId,
    () => containerDirectory(acpi, device, devpath),
  ]);
  return directory({
    ...Object.fromEntries(containers),
    power: directory({}),
    uevent: ueventFile(acpi, "/devices/system/container", "", ""),
  });
}

interface HeldContainer {
  readonly device: BusDevice;
  readonly devpath: string;
}

export function heldContainers(acpi: Acpi): HeldContainer[] {
  return [...acpi.devices()].flatMap((device) => {
    const [first] = device.physicalNodes;
    return device.kind === "container" && first !== undefined ? [{ device, devpath: first.device.devpath }] : [];
  });
}

function containerDirectory(acpi: Acpi, device: BusDevice, devpath: string): AcpiFileNode {
  const { profile } = acpi.ports;
  const online = readWrite(
    profile,
    () => (device.physicalNodes.firstOnline() === undefined ? "0\n" : "1\n"),
    (text) => {
      const value = parseBool(profile, text);
      if (value === undefined) return badWord(text, "facts §2.9: online", "write 0 or 1");
      return acpi.setContainerOnline(device.node.path, value);
    },
  );
  return directory({
    firmware_node: link(devpath, device.node.devpath),
    online,
    power: directory({}),
    subsystem: link(devpath, "/bus/container"),
    uevent: ueventFile(acpi, devpath, "container", ""),
  });
}

/** Reads the device's variables; a word written to it is sent as a uevent. */
function ueventFile(acpi: Acpi, devpath: string, subsystem: string, text: string): AcpiFileNode {
  return readWrite(
    acpi.ports.profile,
    () => text,
    (written) => {
      const word = /^(add|remove|change|move|online|offline)\n?$/.exec(written)?.[1];
      if (word === undefined)
        return badWord(written, "facts §2.10: uevent", "write add, remove, change, move, online or offline");
      acpi.ports.uevent(word, devpath, subsystem);
      return done(undefined);
    },
  );
}

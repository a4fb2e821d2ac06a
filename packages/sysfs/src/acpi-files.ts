import { done } from "@memhp/abi";
import type { AcpiDeviceView, AcpiPort } from "./acpi-port.ts";
import { readOnly, readWrite, writeOnly } from "./attribute.ts";
import { parseBool } from "./bool.ts";
import { directory, lookupDirectory } from "./directory.ts";
import { badWord } from "./refusals.ts";
import type { KernelPort } from "./kernel-port.ts";
import { ueventFile } from "./synthetic-uevent.ts";
import type { SysfsKernel } from "./sysfs-rules.ts";
import { type Directory, type FileNode, link } from "./tree-node.ts";

/** /sys/firmware/acpi/hotplug (facts/kernel.md §6.6; 6.1, 6.12: x_acpi_hotplug_profile). */
export function hotplugDirectory(kernel: SysfsKernel, acpi: AcpiPort): Directory {
  const forceRemove = forceRemoveFile(kernel, acpi);
  return lookupDirectory(
    () => ["force_remove", ...acpi.hotplugProfiles()].sort(),
    (name) => {
      if (name === "force_remove") return forceRemove;
      return acpi.hotplugProfiles().includes(name)
        ? directory({ enabled: enabledFile(kernel, acpi, name) })
        : undefined;
    },
  );
}

/** Decimal 0 or 1, nothing else. */
function enabledFile(kernel: SysfsKernel, acpi: AcpiPort, name: string): FileNode {
  return readWrite(
    kernel,
    () => (acpi.hotplugEnabled(name) ? "1\n" : "0\n"),
    ({ text }) => {
      const digits = /^\+?0*([01])\n?$/.exec(text)?.[1];
      if (digits === undefined) return badWord(text, "facts §6.6: enabled", "write 0 or 1");
      acpi.setHotplugEnabled(name, digits === "1");
      return done(undefined);
    },
  );
}

function forceRemoveFile(kernel: SysfsKernel, acpi: AcpiPort): FileNode {
  return readWrite(
    kernel,
    () => (acpi.forceRemove() ? "1\n" : "0\n"),
    ({ text }) => {
      const value = parseBool(kernel, text);
      const canSet = acpi.canForceRemove();
      if (value === undefined || (value && !canSet)) {
        return badWord(
          text,
          "facts §6.6: force_remove",
          canSet ? "write 1 or 0" : "write 0; it cannot be set any more",
        );
      }
      acpi.setForceRemove(value);
      return done(undefined);
    },
  );
}

/** /sys/devices: the ACPI devices beside `system`. */
export function devicesDirectory(port: KernelPort, acpi: AcpiPort, system: Directory): Directory {
  const roots = (): string[] => [...new Set(acpi.devices().map(({ devpath }) => devpath.split("/")[2] ?? ""))];
  return lookupDirectory(
    () => [...roots(), "system"],
    (name) => (name === "system" ? system : deviceDirectory(port, acpi, `/devices/${name}`)),
  );
}

/** One level of a devpath: a device, or what leads to one. */
function deviceDirectory(port: KernelPort, acpi: AcpiPort, devpath: string): Directory | undefined {
  const devices = acpi.devices();
  const own = devices.find((device) => device.devpath === devpath);
  const below = new Set<string>();
  for (const device of devices) {
    if (!device.devpath.startsWith(`${devpath}/`)) continue;
    const [name = ""] = device.devpath.slice(devpath.length + 1).split("/");
    below.add(name);
  }
  if (own === undefined && below.size === 0) return undefined;
  const files = own === undefined ? directory({}) : deviceFiles(port, acpi, own);
  return lookupDirectory(
    () => [...below, ...files.names()].sort(),
    (name) => (below.has(name) ? deviceDirectory(port, acpi, `${devpath}/${name}`) : files.child(name)),
  );
}

/** What x_firmware_memmap and n_acpi_sysfs_eject list of a memory device. */
function deviceFiles(port: KernelPort, acpi: AcpiPort, device: AcpiDeviceView): Directory {
  const { devpath, path, hid, uid, ejectable, physicalNodes } = device;
  const toDevices = "../".repeat(devpath.split("/").length - 2);
  const links = physicalNodes.map(({ id, devpath }) => [
    id === 0 ? "physical_node" : `physical_node${id}`,
    link(`${toDevices}${devpath.slice("/devices/".length)}`),
  ]);
  const now = (): AcpiDeviceView => acpi.devices().find((other) => other.devpath === devpath) ?? device;
  // A device that is not there loads no module (create_pnp_modalias).
  const modalias = (): string => (now().status === 0 ? "" : `acpi:${hid}:`);
  return directory({
    eject: ejectable ? ejectFile(port.kernel, acpi, devpath) : undefined,
    hid: readOnly(() => `${hid}\n`),
    modalias: readOnly(() => (now().status === 0 ? "" : `${modalias()}\n`)),
    path: readOnly(() => `${path}\n`),
    ...Object.fromEntries(links),
    power: directory({}),
    status: device.status === undefined ? undefined : readOnly(() => `${now().status}\n`),
    subsystem: link(`${toDevices}../bus/acpi`),
    uevent: ueventFile(port, {
      devpath,
      name: nameOf(devpath),
      subsystem: "acpi",
      variables: () => ({ MODALIAS: modalias() }),
    }),
    uid: uid === undefined ? undefined : readOnly(() => `${uid}\n`),
  });
}

/** Only the first byte is looked at. */
function ejectFile(kernel: SysfsKernel, acpi: AcpiPort, devpath: string): FileNode {
  return writeOnly(kernel, ({ text }) =>
    text.startsWith("1") ? acpi.eject(devpath) : badWord(text, "facts §6.6: eject", "write 1"),
  );
}

/** /sys/bus/acpi. */
export function acpiBusDirectory(acpi: AcpiPort): Directory {
  const devices = lookupDirectory(
    () => acpi.devices().map(({ devpath }) => nameOf(devpath)),
    (name) => {
      const device = acpi.devices().find(({ devpath }) => nameOf(devpath) === name);
      return device === undefined ? undefined : link(`../../..${device.devpath}`);
    },
  );
  return directory({ devices, drivers: directory({}) });
}

function nameOf(devpath: string): string {
  return devpath.slice(devpath.lastIndexOf("/") + 1);
}

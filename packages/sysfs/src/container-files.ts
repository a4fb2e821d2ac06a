import { done } from "@memhp/abi";
import type { AcpiPort, ContainerView } from "./acpi-port.ts";
import { readWrite } from "./attribute.ts";
import { parseBool } from "./bool.ts";
import { directory, lookupDirectory } from "./directory.ts";
import type { KernelPort } from "./kernel-port.ts";
import { badWord } from "./refusals.ts";
import { ueventFile } from "./synthetic-uevent.ts";
import { type Directory, link } from "./tree-node.ts";

const CONTAINERS = "/devices/system/container";

/** /sys/devices/system/container: a device for each container that the kernel's driver holds (facts/kernel.md §6.5). */
export function containersDirectory(port: KernelPort, acpi: AcpiPort): Directory {
  const common = directory({
    power: directory({}),
    uevent: ueventFile(port, { devpath: CONTAINERS, name: "container", subsystem: undefined }),
  });
  return lookupDirectory(
    () => [...names(acpi), ...common.names()],
    (name) => containerDirectory(port, acpi, name) ?? common.child(name),
  );
}

function containerDirectory(port: KernelPort, acpi: AcpiPort, name: string): Directory | undefined {
  const look = (): ContainerView | undefined => acpi.containers().find((each) => each.name === name);
  const container = look();
  if (container === undefined) return undefined;
  const online = readWrite(
    port.kernel,
    () => ((look() ?? container).online ? "1\n" : "0\n"),
    async ({ text }, caller) => {
      const value = parseBool(port.kernel, text);
      if (value === undefined) return badWord(text, "facts §6.5: online", "write 1 or 0");
      const result = await acpi.setContainerOnline(name, value, caller);
      return result.ok ? done(undefined) : result;
    },
  );
  return directory({
    firmware_node: link(`../../..${container.firmwareNode.slice("/devices".length)}`),
    online,
    power: directory({}),
    subsystem: link("../../../../bus/container"),
    uevent: ueventFile(port, { devpath: `${CONTAINERS}/${name}`, name, subsystem: "container" }),
  });
}

/** /sys/bus/container. */
export function containerBusDirectory(acpi: AcpiPort): Directory {
  const devices = lookupDirectory(
    () => names(acpi),
    (name) =>
      acpi.containers().some((each) => each.name === name) ? link(`../../..${CONTAINERS}/${name}`) : undefined,
  );
  return directory({ devices, drivers: directory({}) });
}

function names(acpi: AcpiPort): string[] {
  return acpi
    .containers()
    .map(({ name }) => name)
    .sort();
}

import { formatNumberList } from "@memhp/abi";
import { acpiBusDirectory } from "./acpi-files.ts";
import type { AcpiPort } from "./acpi-port.ts";
import { readOnly } from "./attribute.ts";
import { containerBusDirectory } from "./container-files.ts";
import type { CpuTopology } from "./cpus.ts";
import { directory } from "./directory.ts";
import type { KernelPort } from "./kernel-port.ts";
import { type Directory, link } from "./tree-node.ts";

/** The numbered devices of one kind. */
interface Devices {
  readonly prefix: string;
  readonly ids: () => Iterable<number>;
  readonly has: (id: number) => boolean;
}

/** /sys/bus: each bus names its devices by links (6.1: a_boot_1node, `ls -la /sys/bus/memory`). */
export function busesDirectory(port: KernelPort, cpus: () => CpuTopology, acpi: AcpiPort | undefined): Directory {
  const { MEMORY_HOTPLUG, NUMA } = port.profile.config;
  const cpu: Devices = { prefix: "cpu", ids: () => cpus().cpus, has: (id) => cpus().nodeOf(id) !== undefined };
  const memory: Devices = { prefix: "memory", ids: () => port.blockIds(), has: (id) => port.block(id) !== undefined };
  const node: Devices = {
    prefix: "node",
    ids: () => port.nodeMasks().online,
    has: (id) => port.node(id) !== undefined,
  };
  return directory({
    acpi: acpi === undefined ? undefined : acpiBusDirectory(acpi),
    container: acpi === undefined ? undefined : containerBusDirectory(acpi),
    cpu: busDirectory(cpu),
    memory: MEMORY_HOTPLUG ? busDirectory(memory) : undefined,
    node: NUMA ? busDirectory(node) : undefined,
  });
}

function busDirectory({ prefix, ids, has }: Devices): Directory {
  const target = (id: number): string => `../../../devices/system/${prefix}/${prefix}${id}`;
  const devices = directory({}, [{ prefix, ids, entry: (id) => (has(id) ? link(target(id)) : undefined) }]);
  return directory({ devices, drivers: directory({}) });
}

/** /sys/devices/system/cpu: as much as the `cpuN` links of a node need to lead somewhere. */
export function cpusDirectory(port: KernelPort, cpus: () => CpuTopology): Directory {
  const list = readOnly(() => `${formatNumberList(cpus().cpus)}\n`);
  const cpuDirectory = (cpu: number): Directory | undefined => {
    const node = cpus().nodeOf(cpu);
    if (node === undefined) return undefined;
    return directory({
      [`node${node}`]: port.profile.config.NUMA ? link(`../../node/node${node}`) : undefined,
      subsystem: link("../../../../bus/cpu"),
    });
  };
  return directory({ online: list, possible: list, present: list }, [
    { prefix: "cpu", ids: () => cpus().cpus, entry: cpuDirectory },
  ]);
}

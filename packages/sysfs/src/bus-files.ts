import { done, formatNumberList } from "@memhp/abi";
import { acpiBusDirectory } from "./acpi-files.ts";
import type { AcpiPort } from "./acpi-port.ts";
import { readOnly, readWrite, writeOnly } from "./attribute.ts";
import { containerBusDirectory } from "./container-files.ts";
import { type CpuTopology, formatCpuMask } from "./cpus.ts";
import { directory } from "./directory.ts";
import type { KernelPort } from "./kernel-port.ts";
import { noDevice } from "./refusals.ts";
import { busUeventFile } from "./synthetic-uevent.ts";
import { type Directory, type FileNode, link } from "./tree-node.ts";
import { nothingWritten } from "./written.ts";

/** The numbered devices of one kind. */
interface Devices {
  readonly prefix: string;
  readonly ids: () => Iterable<number>;
  readonly has: (id: number) => boolean;
}

/** /sys/bus: each bus names its devices by links (6.1: a_boot_1node, `ls -la /sys/bus/memory`). */
export function busesDirectory(port: KernelPort, cpus: () => CpuTopology, acpi: AcpiPort | undefined): Directory {
  const { MEMORY_HOTPLUG, NUMA } = port.kernel.config;
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
    cpu: busDirectory(port, cpu),
    memory: MEMORY_HOTPLUG ? busDirectory(port, memory) : undefined,
    node: NUMA ? busDirectory(port, node) : undefined,
  });
}

function busDirectory(port: KernelPort, { prefix, ids, has }: Devices): Directory {
  const target = (id: number): string => `../../../devices/system/${prefix}/${prefix}${id}`;
  const devices = directory({}, [{ prefix, ids, entry: (id) => (has(id) ? link(target(id)) : undefined) }]);
  // These buses have no drivers: whether devices are offered to them makes no difference (drivers/base/bus.c).
  const { autoprobe } = port.written ?? nothingWritten();
  return directory({
    devices,
    drivers: directory({}),
    drivers_autoprobe: readWrite(
      port.kernel,
      () => (autoprobe[prefix] === false ? "0\n" : "1\n"),
      ({ text }) => {
        autoprobe[prefix] = !text.startsWith("0");
        return done(undefined);
      },
    ),
    drivers_probe: writeOnly(port.kernel, ({ text }) => {
      const id = new RegExp(`^${prefix}(0|[1-9]\\d*)\\n?$`).exec(text)?.[1];
      return id !== undefined && has(Number(id)) ? done(undefined) : noDevice(text);
    }),
    uevent: busUeventFile(port, prefix),
  });
}

/** /sys/devices/system/cpu: as much as the `cpuN` links of a node need to lead somewhere. */
export function cpusDirectory(port: KernelPort, cpus: () => CpuTopology): Directory {
  const list = readOnly(() => `${formatNumberList(cpus().cpus)}\n`);
  const cpuDirectory = (cpu: number): Directory | undefined => {
    const node = cpus().nodeOf(cpu);
    if (node === undefined) return undefined;
    return directory({
      [`node${node}`]: port.kernel.config.NUMA ? link(`../../node/node${node}`) : undefined,
      subsystem: link("../../../../bus/cpu"),
      topology: topologyDirectory(cpu, cpus),
    });
  };
  return directory(
    {
      // Nobody loads an image for a crash (kernel/crash_core.c: crash_check_hotplug_support).
      crash_hotplug: port.kernel.config.CRASH_HOTPLUG ? readOnly(() => "0\n") : undefined,
      online: list,
      possible: list,
      present: list,
    },
    [{ prefix: "cpu", ids: () => cpus().cpus, entry: cpuDirectory }],
  );
}

/** One thread a core, and a package for each node: as QEMU's processors are without `-smp` details; hwloc draws nothing without. */
function topologyDirectory(cpu: number, cpus: () => CpuTopology): Directory {
  const topology = cpus();
  const { possible } = topology;
  const node = topology.nodeOf(cpu) ?? 0;
  const mask = (list: readonly number[]): FileNode => readOnly(() => `${formatCpuMask(list, possible)}\n`);
  const numbers = (list: readonly number[]): FileNode => readOnly(() => `${formatNumberList(list)}\n`);
  const siblings = topology.cpus.filter((other) => topology.nodeOf(other) === node);
  return directory({
    core_cpus: mask([cpu]),
    core_cpus_list: numbers([cpu]),
    core_id: readOnly(() => `${siblings.indexOf(cpu)}\n`),
    core_siblings: mask(siblings),
    core_siblings_list: numbers(siblings),
    package_cpus: mask(siblings),
    package_cpus_list: numbers(siblings),
    physical_package_id: readOnly(() => `${node}\n`),
    thread_siblings: mask([cpu]),
    thread_siblings_list: numbers([cpu]),
  });
}

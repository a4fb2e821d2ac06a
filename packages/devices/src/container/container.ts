import { fail } from "../spec-fields.ts";
import { containerMachine } from "@memhp/acpi";
import type { Device, DeviceType } from "../device-type.ts";
import { containerSchema } from "./container-schema.ts";
import { endWithContainers } from "./container-memory.ts";
import { containerNodes, type ContainerSpec, nodesWithContainers, parseContainers } from "./container-spec.ts";
import { MachineContainers } from "./machine-containers.ts";

/** What a program does with the containers of a machine. */
export type ContainersDoor = Pick<
  MachineContainers,
  "list" | "get" | "has" | "idAt" | "memory" | "insertedMemory" | "isInserted" | "insert" | "eject"
>;

/** Containers: boards with memory on them, which come and go as one. */
export const container: DeviceType<ContainersDoor, readonly ContainerSpec[]> = {
  id: "container",
  statechart: containerMachine,
  schema: containerSchema,
  readSpec(raw, { nodes, taken }) {
    const spec = parseContainers(raw["containers"], nodes, taken);
    return spec.length === 0 ? {} : { spec, nodes: nodesWithContainers(nodes, spec) };
  },
  windowEnd: endWithContainers,
  proximityDomains: containerNodes,
  create(host, spec = []): Device<ContainersDoor> {
    if (spec.length > 0 && host.dlpar !== undefined)
      fail("machine.containers", "containers are ACPI's; this platform has DLPAR instead");
    const containers = new MachineContainers(host, spec);
    return {
      door: containers,
      namespace: containers.devices,
      memory: () => containers.insertedMemory(host.acpi.namespace),
      reserved: () => containers.memory(),
      has: (id) => containers.has(id),
      ost: (path, source, status) => containers.ost(path, source, status),
      ejected: (path) => containers.ejected(path),
      // Which of them are there is what the namespace's methods answer; the ACPI code writes those down.
      snapshot: () => undefined,
      afterReset: () => ({ spec: spec.length === 0 ? undefined : containers.specNow(spec) }),
    };
  },
};

/** The containers of a machine. */
export function containersOf(machine: { device<Door>(type: DeviceType<Door>): Door }): ContainersDoor {
  return machine.device<ContainersDoor>(container);
}

import type { Snapshot } from "xstate";
import type { BusDevice, ContainerBusDevice, MemoryBusDevice } from "./bus-device.ts";
import { containerSteps } from "./container-steps.ts";
import { matchingDriver } from "./drivers.ts";
import {
  type AcpiInspector,
  type ContainerActor,
  containerActor,
  type MemoryDeviceActor,
  memoryDeviceActor,
} from "./device-actor.ts";
import { memorySteps } from "./memory-steps.ts";
import type { AcpiNode } from "./namespace-node.ts";
import { PhysicalNodes } from "./physical-node.ts";
import type { AcpiSystem } from "./system.ts";

/**
 * The devices of a namespace as Linux knows them. An actor comes to be when somebody first asks for a device's life:
 * a slot that nobody touched is `absent` without one.
 * @param snapshots where the life of a device goes on from, by path.
 */
export function createBusTree(
  system: AcpiSystem,
  root: AcpiNode,
  inspect: AcpiInspector | undefined,
  snapshots?: ReadonlyMap<string, Snapshot<unknown>>,
): Map<string, BusDevice> {
  const devices = new Map<string, BusDevice>();

  function add(node: AcpiNode, parent: BusDevice | undefined): BusDevice {
    const children: BusDevice[] = [];
    const common = { node, parent, children, physicalNodes: new PhysicalNodes() };
    const device = withActor(common, matchingDriver(node));
    devices.set(node.path, device);
    for (const child of node.children) children.push(add(child, device));
    return device;
  }

  type Common = Omit<BusDevice, "kind" | "life">;

  function withActor(common: Common, kind: ReturnType<typeof matchingDriver>): BusDevice {
    const { path } = common.node;
    if (kind === "memory") {
      let life: MemoryDeviceActor | undefined;
      const device: MemoryBusDevice = {
        ...common,
        kind,
        driver: undefined,
        get awake() {
          return life !== undefined;
        },
        get life() {
          const execute = memorySteps(system, () => device);
          return (life ??= memoryDeviceActor({ path, execute, inspect, snapshot: snapshots?.get(path) }));
        },
      };
      return device;
    }
    if (kind === "container") {
      let life: ContainerActor | undefined;
      const device: ContainerBusDevice = {
        ...common,
        kind,
        get awake() {
          return life !== undefined;
        },
        get life() {
          const execute = containerSteps(system, () => device);
          return (life ??= containerActor({ path, execute, inspect, snapshot: snapshots?.get(path) }));
        },
      };
      return device;
    }
    return { ...common, kind: "plain" };
  }

  add(root, undefined);
  return devices;
}

import type { Snapshot } from "xstate";
import type { BusDevice, ContainerBusDevice, MemoryBusDevice, MemoryDriverData } from "./bus-device.ts";
import { containerDevice } from "./container-steps.ts";
import { blockDevpath, MemoryBlockDevice } from "./memory-block.ts";
import type { AcpiMethods } from "./namespace-node.ts";
import type { AcpiNamespace } from "./namespace.ts";
import type { AcpiSystem } from "./system.ts";

/** Memory blocks that a device describes, from one `physical_node` number and block on, neighbours as one. */
type BoundBlocks = readonly [id: number, firstBlock: number, count: number];

interface DeviceImage {
  readonly path: string;
  /** Where its statechart is: XState's persisted snapshot. */
  readonly life: Snapshot<unknown>;
}

/** A memory device of an image, with the persisted snapshot of its chart. */
export interface MemoryDeviceImage extends DeviceImage {
  readonly kind: "memory";
  readonly driver?: MemoryDriverData;
  readonly blocks: readonly BoundBlocks[];
  /** `physical_node` numbers of blocks that an eject took offline and did not put back. */
  readonly putOnline: readonly number[];
}

/** A container of an image, with the persisted snapshot of its chart. */
export interface ContainerDeviceImage extends DeviceImage {
  readonly kind: "container";
  /** Its own device in /sys/devices/system/container exists. */
  readonly registered: boolean;
  readonly putOnline: boolean;
}

/** One ACPI device of an image, whatever its kind. */
export type AcpiDeviceImage = MemoryDeviceImage | ContainerDeviceImage;

/** The kernel's ACPI code at rest, as plain data. */
export interface AcpiImage {
  /** What methods answer, where that is not what the namespace was described with. */
  readonly methods: readonly (readonly [path: string, methods: AcpiMethods])[];
  /** Devices that anything ever happened to. */
  readonly devices: readonly AcpiDeviceImage[];
  /** `enabled` of /sys/firmware/acpi/hotplug. */
  readonly profiles: readonly (readonly [name: string, enabled: boolean])[];
  readonly forceRemove: boolean;
}

/** @throws KernelBug where the kernel did not survive something: it is never at rest again. */
export function snapshotAcpi(system: AcpiSystem, namespace: AcpiNamespace, devices: Iterable<BusDevice>): AcpiImage {
  if (system.crash !== undefined) throw system.crash;
  return {
    methods: namespace.changed().map(({ path, methods }) => [path, methods]),
    devices: [...devices].flatMap((device) => (device.kind !== "plain" && device.awake ? [deviceImage(device)] : [])),
    profiles: [...system.profiles],
    forceRemove: system.forceRemove,
  };
}

function deviceImage(device: MemoryBusDevice | ContainerBusDevice): AcpiDeviceImage {
  const { path } = device.node;
  if (!device.life.has("rest"))
    throw new Error(`memhp bug: ${path} is in ${device.life.state} while an image is taken`);
  const life = device.life.actor.getPersistedSnapshot();
  const nodes = [...device.physicalNodes];
  if (device.kind === "container")
    return { path, kind: "container", life, registered: nodes.length > 0, putOnline: nodes[0]?.putOnline === true };
  const { driver } = device;
  return {
    path,
    kind: "memory",
    life,
    ...(driver === undefined ? {} : { driver: { ...driver, enabled: [...driver.enabled] } }),
    blocks: boundBlocks(device),
    putOnline: nodes.flatMap((node) => (node.putOnline ? [node.id] : [])),
  };
}

function boundBlocks(device: MemoryBusDevice): BoundBlocks[] {
  const runs: [number, number, number][] = [];
  for (const { id, device: bound } of device.physicalNodes) {
    const block = Number(bound.devpath.slice(blockDevpath(0).length - 1));
    const last = runs.at(-1);
    if (last !== undefined && id === last[0] + last[2] && block === last[1] + last[2]) last[2]++;
    else runs.push([id, block, 1]);
  }
  return runs;
}

/** Lives of an image's devices by path, for the bus tree to go on from. */
export function livesOf(image: AcpiImage): Map<string, Snapshot<unknown>> {
  return new Map(image.devices.map(({ path, life }) => [path, life]));
}

/** Brings a fresh system to where the image was taken. The namespace and the tree are those of the same machine. */
export function restoreAcpi(
  image: AcpiImage,
  system: AcpiSystem,
  namespace: AcpiNamespace,
  tree: ReadonlyMap<string, BusDevice>,
): void {
  for (const [path, methods] of image.methods) namespace.set(path, methods);
  for (const device of image.devices) {
    const found = tree.get(device.path);
    if (found === undefined || found.kind === "plain" || found.kind !== device.kind)
      throw new RangeError(`acpi.devices: the machine has no ${device.kind} device ${device.path}`);
    // A life goes on when somebody first asks for it.
    void found.life;
    if (found.kind === "container") restoreContainer(found, device as ContainerDeviceImage);
    else restoreMemoryDevice(system, found, device as MemoryDeviceImage);
  }
  for (const [name, enabled] of image.profiles) if (system.profiles.has(name)) system.profiles.set(name, enabled);
  system.forceRemove = image.forceRemove;
}

function restoreContainer(device: ContainerBusDevice, { registered, putOnline }: ContainerDeviceImage): void {
  if (registered) device.physicalNodes.restore(0, containerDevice(device), putOnline);
}

function restoreMemoryDevice(system: AcpiSystem, device: MemoryBusDevice, image: MemoryDeviceImage): void {
  const { driver } = image;
  device.driver = driver === undefined ? undefined : { ...driver, enabled: [...driver.enabled] };
  const putOnline = new Set(image.putOnline);
  for (const [firstId, firstBlock, count] of image.blocks) {
    for (let i = 0; i < count; i++) {
      const block = firstBlock + i;
      system.companions.set(block, device);
      device.physicalNodes.restore(
        firstId + i,
        new MemoryBlockDevice(system.ports.memory, block),
        putOnline.has(firstId + i),
      );
    }
  }
}

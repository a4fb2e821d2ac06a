import type { MemoryRange } from "./crs.ts";
import type { ContainerActor, MemoryDeviceActor } from "./device-actor.ts";
import type { AcpiNode } from "./namespace-node.ts";
import type { PhysicalNodes } from "./physical-node.ts";

interface CommonDevice {
  readonly node: AcpiNode;
  readonly children: readonly BusDevice[];
  readonly parent: BusDevice | undefined;
  readonly physicalNodes: PhysicalNodes;
}

/** What the memory driver keeps of a device that it holds or is about to. */
export interface MemoryDriverData {
  readonly ranges: readonly MemoryRange[];
  readonly enabled: MemoryRange[];
  /** Memory group, or -1. */
  group: number;
}

/** A memory device (PNP0C80) as the kernel's ACPI bus knows it. */
export interface MemoryBusDevice extends CommonDevice {
  readonly kind: "memory";
  driver: MemoryDriverData | undefined;
  /** Whether anything ever asked for its life. A device that sleeps is `absent`, and has no actor. */
  readonly awake: boolean;
  readonly life: MemoryDeviceActor;
}

/** A container (ACPI0004, PNP0A05, PNP0A06) as the kernel's ACPI bus knows it. */
export interface ContainerBusDevice extends CommonDevice {
  readonly kind: "container";
  /** As that of a memory device. */
  readonly awake: boolean;
  readonly life: ContainerActor;
}

/** A device that no driver of memhp cares for; scans go through it. */
export interface PlainBusDevice extends CommonDevice {
  readonly kind: "plain";
}

/** A device of the namespace as Linux knows it. */
export type BusDevice = MemoryBusDevice | ContainerBusDevice | PlainBusDevice;

/** Whether a driver holds the device. */
export function isBound(device: BusDevice): boolean {
  return device.kind !== "plain" && device.awake && device.life.has("bound");
}

/** Whether a scan of the namespace went through the device since it appeared. */
export function isEnumerated(device: BusDevice): boolean {
  return device.kind !== "plain" && device.awake && device.life.has("enumerated") && !device.life.skipped;
}

/** All devices below, children before their parent, in namespace order (facts/kernel.md §6.3: post-order). */
export function* descendantsPostOrder(device: BusDevice): Generator<BusDevice> {
  for (const child of device.children) {
    yield* descendantsPostOrder(child);
    yield child;
  }
}

/** All devices below, each before its children. */
export function* descendantsPreOrder(device: BusDevice): Generator<BusDevice> {
  for (const child of device.children) {
    yield child;
    yield* descendantsPreOrder(child);
  }
}

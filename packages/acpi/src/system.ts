import type { Refusal, Refused } from "@memhp/abi";
import type { BusDevice } from "./bus-device.ts";
import { type DriverOptions, hotplugProfiles } from "./drivers.ts";
import type { AcpiNode } from "./namespace-node.ts";
import { type AcpiPorts, KernelBug } from "./ports.ts";
import type { AcpiRules } from "./acpi-rules.ts";

/** What the parts of the kernel's ACPI code share. */
export interface AcpiSystem {
  readonly ports: AcpiPorts;
  readonly rules: AcpiRules;
  readonly options: DriverOptions;
  /** Directories of /sys/firmware/acpi/hotplug, and whether `enabled` reads 1. */
  readonly profiles: Map<string, boolean>;
  /** The switch force_remove of 4.1. */
  forceRemove: boolean;
  /** The device that each memory block is bound to. */
  readonly companions: Map<number, BusDevice>;
  /** What the kernel refused during the event that is under way, in order. */
  readonly refusals: Refusal[];
  /** Those of them that the stream of events does not have. */
  readonly untold: Refusal[];
  /** Set when the kernel did what it does not survive: nothing runs any more. */
  crash: KernelBug | undefined;
}

export function createSystem(ports: AcpiPorts, options: DriverOptions): AcpiSystem {
  return {
    ports,
    rules: ports.kernel.acpi,
    options,
    profiles: hotplugProfiles(ports.kernel.config, options),
    forceRemove: false,
    companions: new Map(),
    refusals: [],
    untold: [],
    crash: undefined,
  };
}

/** A line of the kernel's log about a device: `acpi PNP0C80:01: Eject disabled`. */
export function logDevice(system: AcpiSystem, node: AcpiNode, text: string): void {
  system.ports.log(`acpi ${node.busId}: ${text}`);
}

/** Keeps what was refused on the way. */
export function noteRefusal(system: AcpiSystem, { refusal, told }: Refused): void {
  system.refusals.push(refusal);
  if (told !== true) system.untold.push(refusal);
}

/** Evaluates _OST, which a device may do without. */
export function evaluateOst(system: AcpiSystem, node: AcpiNode, source: number, status: number): void {
  if (node.methods._OST === true) system.ports.firmware.ost(node.path, source, status);
}

/** Runs kernel code, unless the kernel is dead. The worker that met a BUG keeps its locks, so all others wait for ever. */
export async function inKernel<T>(system: AcpiSystem, body: () => Promise<T>): Promise<T> {
  if (system.crash !== undefined) throw system.crash;
  system.refusals.length = 0;
  system.untold.length = 0;
  try {
    return await body();
  } catch (error) {
    if (error instanceof KernelBug) system.crash = error;
    throw error;
  }
}

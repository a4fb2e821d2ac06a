import type { KernelConfig } from "@memhp/abi";
import type { AcpiNode } from "./namespace-node.ts";

/** The drivers ("scan handlers") of Linux that memhp plays. */
export type DriverKind = "memory" | "container";

const memoryIds: ReadonlySet<string> = new Set(["PNP0C80"]);
const containerIds: ReadonlySet<string> = new Set(["ACPI0004", "PNP0A05", "PNP0A06"]);

/** The driver whose list of ids names the device, whether or not it will take it. */
export function matchingDriver(node: AcpiNode): DriverKind | undefined {
  const hid = node.methods._HID ?? "";
  return memoryIds.has(hid) ? "memory" : containerIds.has(hid) ? "container" : undefined;
}

export interface DriverOptions {
  /** Boot option acpi_no_memhotplug. */
  readonly noMemoryHotplug: boolean;
}

/**
 * Whether the kernel's driver has code to attach. Without it devices stay unclaimed and an eject treats them like any
 * other: acpi_no_memhotplug, or the driver configured away (facts/kernel.md §6.1, §6.6).
 */
export function canAttach(kind: DriverKind, config: KernelConfig, options: DriverOptions): boolean {
  if (kind === "container") return config.ACPI_CONTAINER;
  return config.ACPI_HOTPLUG_MEMORY && !options.noMemoryHotplug;
}

/**
 * Directories of /sys/firmware/acpi/hotplug with what `enabled` reads at boot. A driver has one only where it
 * registers a profile: `container` only where its driver is configured away (facts/kernel.md §6.6).
 */
export function hotplugProfiles(config: KernelConfig, options: DriverOptions): Map<string, boolean> {
  const profiles = new Map<string, boolean>();
  if (!config.ACPI_CONTAINER) profiles.set("container", false);
  if (canAttach("memory", config, options)) profiles.set("memory", true);
  profiles.set("pci_root", true);
  profiles.set("processor", true);
  return profiles;
}

/**
 * The configuration switches that the mission's document names, and those that change an
 * observable rule. All are booleans as in a kernel's .config.
 */
export interface KernelConfig {
  readonly SPARSEMEM: boolean;
  readonly MEMORY_HOTPLUG: boolean;
  readonly MEMORY_HOTREMOVE: boolean;
  readonly MIGRATION: boolean;
  readonly ACPI_HOTPLUG_MEMORY: boolean;
  readonly ACPI_CONTAINER: boolean;
  readonly ARCH_MEMORY_PROBE: boolean;
  readonly NUMA: boolean;
  readonly MOVABLE_NODE: boolean;
  readonly MEMORY_FAILURE: boolean;
  readonly MEMORY_HOTPLUG_DEFAULT_ONLINE: boolean;
  readonly MEMORY_NOTIFIER_ERROR_INJECT: boolean;
  readonly CRASH_HOTPLUG: boolean;
}

export type ConfigSwitch = keyof KernelConfig;

/** What a switch needs, as Kconfig says it (facts/kernel.md §1.4; the document's "How to enable" list). */
const needs: Readonly<Partial<Record<ConfigSwitch, readonly ConfigSwitch[]>>> = {
  MEMORY_HOTPLUG: ["SPARSEMEM"],
  MEMORY_HOTREMOVE: ["MEMORY_HOTPLUG", "MIGRATION"],
  ACPI_HOTPLUG_MEMORY: ["MEMORY_HOTPLUG"],
  ARCH_MEMORY_PROBE: ["MEMORY_HOTPLUG"],
  MOVABLE_NODE: ["NUMA"],
};

/** The dependencies that a configuration breaks, in words; empty for a configuration that Kconfig would allow. */
export function configErrors(config: KernelConfig): string[] {
  const errors: string[] = [];
  for (const [name, required] of Object.entries(needs) as [ConfigSwitch, readonly ConfigSwitch[]][]) {
    if (!config[name]) continue;
    for (const other of required) if (!config[other]) errors.push(`${name} needs ${other}`);
  }
  return errors;
}

/**
 * How a kernel was built, as rooms ask for it: the switches of the mission's document, and those that change an observable rule.
 * Names are those of a .config without their CONFIG_; which of them a kernel has, and what each needs, is `Kernel.kconfig`.
 */
export interface KernelConfig {
  readonly SPARSEMEM: boolean;
  readonly MEMORY_HOTPLUG: boolean;
  readonly MEMORY_HOTREMOVE: boolean;
  readonly MIGRATION: boolean;
  readonly COMPACTION: boolean;
  readonly TRANSPARENT_HUGEPAGE: boolean;
  readonly ACPI_HOTPLUG_MEMORY: boolean;
  readonly ACPI_CONTAINER: boolean;
  readonly ARCH_MEMORY_PROBE: boolean;
  readonly NUMA: boolean;
  readonly MOVABLE_NODE: boolean;
  readonly MEMORY_FAILURE: boolean;
  readonly HUGETLBFS: boolean;
  /** What auto_online_blocks reads after boot: a switch, or a choice, of several names (facts §2.6). */
  readonly defaultOnlineType: DefaultOnlineType;
  readonly MEMORY_NOTIFIER_ERROR_INJECT: boolean;
  readonly CRASH_HOTPLUG: boolean;
}

/** What MHP_DEFAULT_ONLINE_TYPE may be. */
export const defaultOnlineTypes = ["offline", "online", "online_kernel", "online_movable"] as const;
/** What becomes of memory that has been added: it stays offline, or goes online as a type. */
export type DefaultOnlineType = (typeof defaultOnlineTypes)[number];

/** The fields that are switches. */
export type ConfigSwitch = Exclude<keyof KernelConfig, "defaultOnlineType">;

/** Sets of switches by name, CONFIG_ left out: `{ MEMORY_HOTREMOVE: false }`. */
export type ConfigSetting = Readonly<Record<string, boolean>>;

/** What a refusal says where the kernel lacks a part, and what would help. */
export function builtWithout(name: ConfigSwitch): { readonly detail: string; readonly remedy: readonly string[] } {
  return {
    detail: `this kernel was built without CONFIG_${name}`,
    remedy: [`use a kernel that was built with CONFIG_${name}`],
  };
}

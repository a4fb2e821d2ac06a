import type { ConfigSwitch, KernelConfig } from "@memhp/abi";
import type { Kernel } from "../kernel.ts";
import type { KconfigSwitch } from "./kconfig-switch.ts";

/** A switch with what it is in a kernel: for forms and tables. */
export interface SwitchView extends KconfigSwitch {
  readonly value: boolean;
}

/** Every switch of a kernel with its value. */
export function switchesOf({ kconfig, config }: Pick<Kernel, "kconfig" | "config">): readonly SwitchView[] {
  return kconfig.map((each) => ({ ...each, value: valueOf(each, config) }));
}

export function valueOf({ name, choice, follows }: KconfigSwitch, config: KernelConfig): boolean {
  if (choice !== undefined) return config.MEMORY_HOTPLUG && config.defaultOnlineType === choice.value;
  return config[(follows ?? name) as ConfigSwitch];
}

/** The dependencies that a kernel's own configuration breaks, in words; empty for one that Kconfig would allow. */
export function configErrors(kernel: Pick<Kernel, "kconfig" | "config">): string[] {
  const views = switchesOf(kernel);
  const isOff = (name: string): boolean => views.some((each) => each.name === name && !each.value);
  return views.flatMap(({ name, value, needs }) =>
    value ? needs.filter(isOff).map((other) => `${name} needs ${other}`) : [],
  );
}

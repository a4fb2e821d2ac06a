import type { ConfigSetting, KernelConfig } from "@memhp/abi";
import type { Kernel } from "./kernel.ts";
import { switchesOf, valueOf } from "./kconfig/built-as.ts";
import type { KconfigSwitch } from "./kconfig/kconfig-switch.ts";
import { withoutIt } from "./kconfig/without-it.ts";

/** A configuration that the kernel cannot be built with. `at` is the switch, `what` is what is wrong and what is allowed. */
export class ConfigError extends RangeError {
  override readonly name = "ConfigError";
  readonly at: string;
  readonly what: string;

  constructor(at: string, what: string) {
    super(`config.${at}: ${what}`);
    this.at = at;
    this.what = what;
  }
}

/**
 * A kernel built otherwise: `{ MEMORY_HOTREMOVE: false }`. What needs a switch that goes, goes with it; `configured` of the result
 * has every switch that differs from the kernel's own build.
 * @throws ConfigError for a switch that the kernel does not have, or a configuration that Kconfig would not allow.
 */
export function withConfig(kernel: Kernel, asked: ConfigSetting): Kernel {
  const setting = settingOf(kernel, asked);
  checkFixed(kernel, setting);
  const goes = gone(kernel, setting);
  let config = kernel.config;
  for (const each of kernel.kconfig) {
    // A choice of what goes is no choice any more.
    if (each.choice !== undefined && each.needs.some((other) => goes.has(other))) continue;
    const on = goes.has(each.name) ? false : setting.get(each.name);
    if (on !== undefined) config = withSwitch(kernel, each, on, config, setting);
  }
  checkNeeds({ kconfig: kernel.kconfig, config }, setting);
  return withoutIt({ ...kernel, config, ...configuredAs(kernel, config) }, kernel.config);
}

/** What is asked of each switch, by the name that it has. @throws ConfigError for one that is asked for and not */
function settingOf(kernel: Kernel, asked: ConfigSetting): ReadonlyMap<string, boolean> {
  const setting = new Map<string, boolean>();
  for (const [named, on] of Object.entries(asked)) {
    const { name } = switchOf(kernel, named);
    if (setting.get(name) === !on)
      throw new ConfigError(named, `${name} is asked for, and it is not (allowed: one of them)`);
    setting.set(name, on);
  }
  return setting;
}

/** @throws ConfigError */
function switchOf({ kconfig, id }: Kernel, named: string): KconfigSwitch {
  const name = named.replace(/^CONFIG_/, "");
  const found = kconfig.find((each) => each.name === name);
  if (found === undefined)
    throw new ConfigError(named, `${id} has no such switch (allowed: ${kconfig.map((each) => each.name).join(", ")})`);
  const { follows } = found;
  return follows === undefined ? found : (kconfig.find((each) => each.name === follows) ?? found);
}

/** @throws ConfigError */
function checkFixed({ kconfig, config, id }: Kernel, setting: ReadonlyMap<string, boolean>): void {
  for (const each of kconfig) {
    const on = setting.get(each.name);
    const own = valueOf(each, config);
    if (each.fixed === undefined || on === undefined || on === own) continue;
    throw new ConfigError(each.name, `is ${own ? "y" : "n"} in ${id}, and nothing else is allowed: ${each.fixed}`);
  }
}

/** Switches that go because one that they need goes. */
function gone({ kconfig }: Kernel, setting: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  const off = new Set([...setting].flatMap(([name, on]) => (on ? [] : [name])));
  for (let before = -1; before !== off.size;) {
    before = off.size;
    for (const { name, needs } of kconfig)
      if (setting.get(name) !== true && needs.some((other) => off.has(other))) off.add(name);
  }
  return off;
}

function withSwitch(
  kernel: Kernel,
  { name, choice }: KconfigSwitch,
  on: boolean,
  config: KernelConfig,
  setting: ReadonlyMap<string, boolean>,
): KernelConfig {
  if (choice === undefined) return { ...config, [name]: on };
  if (on) return { ...config, defaultOnlineType: choice.value as KernelConfig["defaultOnlineType"] };
  if (choice.alone) return { ...config, defaultOnlineType: "offline" };
  const others = kernel.kconfig.filter((each) => each.choice !== undefined && each.name !== name);
  const isOwn = kernel.config.defaultOnlineType === choice.value;
  if (isOwn && setting.has(name) && !others.some((each) => setting.get(each.name) === true))
    throw new ConfigError(
      name,
      `one of a choice is on; set another (allowed: ${others.map((each) => `${each.name}=y`).join(", ")})`,
    );
  return config;
}

/** @throws ConfigError */
function checkNeeds(kernel: Pick<Kernel, "kconfig" | "config">, setting: ReadonlyMap<string, boolean>): void {
  const views = switchesOf(kernel);
  const chosen = views.filter(({ name, choice }) => choice?.alone === false && setting.get(name) === true);
  const [first, second] = chosen;
  if (first !== undefined && second !== undefined)
    throw new ConfigError(second.name, `${first.name} is on, and they are one choice (allowed: one of them)`);
  for (const { name, needs } of views) {
    if (setting.get(name) !== true) continue;
    const missing = needs.find((other) => views.some((each) => each.name === other && !each.value));
    if (missing !== undefined)
      throw new ConfigError(name, `needs ${missing}, which is off (allowed: n, or ${missing}=y with it)`);
  }
}

function configuredAs(kernel: Kernel, config: KernelConfig): Pick<Kernel, "configured"> {
  const changed = kernel.kconfig.flatMap((each): [string, boolean][] => {
    const value = valueOf(each, config);
    const isTold = each.follows === undefined && value !== valueOf(each, kernel.config);
    return isTold ? [[each.name, value]] : [];
  });
  const all = { ...kernel.configured, ...Object.fromEntries(changed) };
  return Object.keys(all).length === 0 ? {} : { configured: all };
}

/** How a setting is written: `MEMORY_HOTREMOVE=n`. */
export function configText(setting: ConfigSetting): string {
  return Object.entries(setting)
    .map(([name, on]) => `${name}=${on ? "y" : "n"}`)
    .join(" ");
}

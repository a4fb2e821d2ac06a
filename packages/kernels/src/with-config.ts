import { configErrors, type ConfigSwitch, type KernelConfig } from "@memhp/abi";
import type { Kernel } from "./kernel.ts";

/**
 * A kernel built with some configuration switches changed.
 * @throws RangeError for a switch that does not exist or a configuration that Kconfig would not allow.
 */
export function withConfig(kernel: Kernel, config: Readonly<Partial<Record<ConfigSwitch, boolean>>>): Kernel {
  for (const name of Object.keys(config)) {
    if (!Object.hasOwn(kernel.config, name)) {
      throw new RangeError(`unknown configuration switch ${name} (known: ${Object.keys(kernel.config).join(", ")})`);
    }
  }
  const merged: KernelConfig = { ...kernel.config, ...config };
  const errors = configErrors(merged);
  if (errors.length > 0) throw new RangeError(`impossible kernel configuration: ${errors.join("; ")}`);
  return { ...kernel, config: merged };
}

import { type Kernel, kernelOf, kernels, switchesOf } from "@memhp/kernels";
import { bootOptions, type Catalogue } from "./boot-form.ts";

/** Options that not every kernel knows. */
const known: Readonly<Record<string, (kernel: Kernel) => boolean>> = {
  memhp_default_state: ({ sysfs }) => sysfs.autoOnlineWords.length > 0,
  "memory_hotplug.online_policy": ({ sysfs }) => sysfs.hotplugParameters,
  "memory_hotplug.memmap_on_memory": ({ sysfs }) => sysfs.hotplugParameters,
};

/** The kernels that memhp has, for the form. */
export function catalogue(): Catalogue {
  return {
    kernels: kernels.map(({ id, title }) => ({
      id,
      title,
      options: bootOptions.map(({ name }) => name).filter((name) => known[name]?.(kernelOf(id)) ?? true),
      switches: switchesOf(kernelOf(id)).map(({ name, about, value, fixed = "", follows }) => ({
        name,
        about,
        value,
        fixed: follows === undefined ? fixed : `it is as ${follows} is`,
      })),
    })),
  };
}

import { type Kernel, kernelOf, kernels, switchesOf } from "@memhp/kernels";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { SCENARIO_FORMAT } from "@memhp/scenario";
import { type BootForm, bootOptions, type Catalogue } from "./boot-form.ts";
import { Session } from "./session.ts";
import { shardWorkers } from "./shard-workers.ts";

/** Options that not every kernel knows. */
const known: Readonly<Record<string, (kernel: Kernel) => boolean>> = {
  memhp_default_state: ({ sysfs }) => sysfs.autoOnlineFile !== "absent",
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

function containersOf({ containers, nodes, dimmSize }: BootForm): unknown[] {
  return Array.from({ length: containers }, (_, i) => ({
    id: `c${i}`,
    node: nodes + i,
    memory: [{ id: `c${i}m0`, size: dimmSize }],
  }));
}

/** Boots what the form says. @throws SpecError with words for the person. */
export async function bootFromForm(form: BootForm): Promise<Session> {
  const machine = {
    nodes: { count: form.nodes, memory: form.memory },
    ...(form.dimmsPerNode > 0 ? { dimms: { per_node: form.dimmsPerNode, size: form.dimmSize } } : {}),
    ...(form.containers > 0 ? { containers: containersOf(form) } : {}),
    ...(form.blockSize === "auto" ? {} : { block_size: form.blockSize }),
    cmdline: form.cmdline,
  };
  const kernel = form.kernel === "" ? (kernels[0] as Kernel).id : form.kernel;
  const { config } = form;
  const built = Object.keys(config).length === 0 ? {} : { config };
  const origin = { format: SCENARIO_FORMAT, name: "console session", kernel, ...built, machine, steps: [] };
  const booted = await bootMachine(parseMachineSpec(machine), { kernel, config, ...shardWorkers(form.workers) });
  return new Session(booted, origin);
}

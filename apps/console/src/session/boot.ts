import { type Kernel, kernels } from "@memhp/kernels";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { SCENARIO_FORMAT } from "@memhp/scenario";
import type { BootForm } from "./boot-form.ts";
import { Session } from "./session.ts";
import { shardWorkers } from "./shard-workers.ts";

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

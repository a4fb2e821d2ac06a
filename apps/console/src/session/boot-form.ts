import { type Kernel, kernelOf, kernels } from "@memhp/kernels";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { webWorkers } from "@memhp/machine/web";
import { Session } from "./session.ts";

/** What the boot form holds. Sizes are texts as people write them: `2G`. */
export interface BootForm {
  readonly kernel: string;
  readonly nodes: number;
  readonly memory: string;
  readonly dimmsPerNode: number;
  readonly dimmSize: string;
  /** Nodes that only come with a container, each with a memory device as large as a DIMM. */
  readonly containers: number;
  /** `auto`, or a size. */
  readonly blockSize: string;
  readonly cmdline: string;
  readonly workers: number;
}

export const defaultForm: BootForm = {
  kernel: kernels[0]?.id ?? "",
  nodes: 2,
  memory: "2G",
  dimmsPerNode: 1,
  dimmSize: "1G",
  containers: 0,
  blockSize: "auto",
  cmdline: "",
  workers: 0,
};

export const MAX_WORKERS = 4;

/** A word of the kernel command line that the form offers by name. */
export interface BootOption {
  readonly name: string;
  readonly about: string;
  /** Values to choose from; free text where `free`; a mere word where neither. */
  readonly values?: readonly string[];
  readonly free?: string;
  /** Whether a kernel knows it; all do unless told otherwise. */
  readonly isKnown?: (kernel: Kernel) => boolean;
}

export const bootOptions: readonly BootOption[] = [
  { name: "movable_node", about: "hotpluggable nodes hold only ZONE_MOVABLE" },
  { name: "kernelcore", about: "memory for the kernel; the rest is movable", free: "512M" },
  { name: "movablecore", about: "memory for ZONE_MOVABLE", free: "512M" },
  { name: "mem", about: "use no memory above this address", free: "2G" },
  { name: "numa=off", about: "one node, whatever firmware says" },
  { name: "acpi_no_memhotplug", about: "ignore DIMMs that arrive" },
  {
    name: "memhp_default_state",
    about: "what new blocks do by themselves",
    values: ["offline", "online", "online_kernel", "online_movable"],
    isKnown: ({ sysfs }) => sysfs.autoOnlineFile,
  },
  {
    name: "memory_hotplug.online_policy",
    about: "how a plain online chooses its zone",
    values: ["contig-zones", "auto-movable"],
    isKnown: ({ sysfs }) => sysfs.hotplugParameters,
  },
  {
    name: "memory_hotplug.memmap_on_memory",
    about: "struct pages on the added memory itself",
    values: ["Y", "force"],
    isKnown: ({ sysfs }) => sysfs.hotplugParameters,
  },
];

/** True for an option that the kernel reads. */
export function knowsOption(option: BootOption, kernel: string): boolean {
  return option.isKnown?.(kernelOf(kernel)) ?? true;
}

function words(cmdline: string): string[] {
  return cmdline.split(/\s+/).filter((word) => word !== "");
}

/** Value of an option in a command line; `""` for a mere word, undefined where it is not there. */
export function optionValue(cmdline: string, name: string): string | undefined {
  const found = words(cmdline).findLast((word) => word === name || word.startsWith(`${name}=`));
  return found === undefined ? undefined : found.slice(name.length + 1);
}

/** The command line with an option set, or taken out where the value is undefined. Other words stay. */
export function withOption(cmdline: string, name: string, value: string | undefined): string {
  const kept = words(cmdline).filter((word) => word !== name && !word.startsWith(`${name}=`));
  return [...kept, ...(value === undefined ? [] : [value === "" ? name : `${name}=${value}`])].join(" ");
}

/** Starts one worker of this page; bundlers want to see the URL here. */
export const startWorker = (): Worker =>
  new Worker(new URL("./shard-worker.ts", import.meta.url), { type: "module", name: "memhp shard" });

function containersOf({ containers, nodes, dimmSize }: BootForm): unknown[] {
  return Array.from({ length: containers }, (_, i) => ({
    id: `c${i}`,
    node: nodes + i,
    memory: [{ id: `c${i}m0`, size: dimmSize }],
  }));
}

/** Boots what the form says. @throws SpecError with words for the person. */
export async function bootFromForm(form: BootForm): Promise<Session> {
  const spec = parseMachineSpec({
    nodes: { count: form.nodes, memory: form.memory },
    ...(form.dimmsPerNode > 0 ? { dimms: { per_node: form.dimmsPerNode, size: form.dimmSize } } : {}),
    ...(form.containers > 0 ? { containers: containersOf(form) } : {}),
    ...(form.blockSize === "auto" ? {} : { block_size: form.blockSize }),
    cmdline: form.cmdline,
  });
  const machine = await bootMachine(spec, {
    kernel: form.kernel,
    workers: form.workers,
    ...(form.workers > 0 ? { workerFactory: webWorkers(startWorker) } : {}),
  });
  return new Session(machine);
}

/** A switch of a kernel's configuration. */
interface SwitchOffer {
  readonly name: string;
  readonly about: string;
  /** As the kernel is built. */
  readonly value: boolean;
  /** Why nobody can set it; empty where one can. */
  readonly fixed: string;
}

/** Kernels that a form offers, what each reads of the command line, and how each may be built. */
export interface Catalogue {
  readonly kernels: readonly {
    readonly id: string;
    readonly title: string;
    readonly options: readonly string[];
    readonly switches: readonly SwitchOffer[];
  }[];
}

/** What the boot form holds. Sizes are texts as people write them: `2G`. */
export interface BootForm {
  /** Empty for the first of the list. */
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
  /** Switches that are set otherwise than the kernel is built. */
  readonly config: Readonly<Record<string, boolean>>;
  readonly workers: number;
}

export const defaultForm: BootForm = {
  kernel: "",
  nodes: 2,
  memory: "2G",
  dimmsPerNode: 1,
  dimmSize: "1G",
  containers: 0,
  blockSize: "auto",
  cmdline: "",
  config: {},
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
  },
  {
    name: "memory_hotplug.online_policy",
    about: "how a plain online chooses its zone",
    values: ["contig-zones", "auto-movable"],
  },
  {
    name: "memory_hotplug.memmap_on_memory",
    about: "struct pages on the added memory itself",
    values: ["Y", "force"],
  },
];

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

export type BootField = "memory" | "dimmSize" | "blockSize" | "nodes" | "containers" | "cmdline" | "config";

const fields: readonly (readonly [place: RegExp, field: BootField])[] = [
  [/^machine\.nodes\.memory/, "memory"],
  [/^machine\.nodes/, "nodes"],
  [/^machine\.dimms\.size|^machine\.containers.*\.size/, "dimmSize"],
  [/^machine\.containers/, "containers"],
  [/^machine\.block_size/, "blockSize"],
  [/^machine\.cmdline/, "cmdline"],
  [/^config\./, "config"],
];

/** The field that an error is about: its place stands before the colon. */
export function fieldOf(problem: string): BootField | undefined {
  return fields.find(([place]) => place.test(problem))?.[1];
}

/** The settings that a kernel can have; a switch as it is built is none. */
export function withSwitch(
  config: BootForm["config"],
  { name, value }: Pick<SwitchOffer, "name" | "value">,
  on: boolean,
): BootForm["config"] {
  const { [name]: _, ...others } = config;
  return on === value ? others : { ...others, [name]: on };
}

/** What choosing a kernel changes: switches of another kernel's configuration may not be its own. */
export function kernelChosen(kernel: string): Pick<BootForm, "kernel" | "config"> {
  return { kernel, config: {} };
}

/** Kernels that a form offers, and what each reads of the command line. */
export interface Catalogue {
  readonly kernels: readonly { readonly id: string; readonly title: string; readonly options: readonly string[] }[];
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

import { kernels } from "@memhp/kernels";
/** One `--flag` of a command. */
export interface OptionSpec {
  readonly short?: string;
  /** Name of its value in the help; a flag without one is a switch. */
  readonly value?: string;
  /** What the flag means where it stands without `=value`. */
  readonly implied?: string;
  readonly multiple?: boolean;
  readonly about: string;
}

/** How a command is called: everything that the parser and the help need. */
export interface CommandSpec {
  readonly name: string;
  readonly about: string;
  /** Names of files and the like; how many there must and may be. */
  readonly operands?: { readonly name: string; readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
}

export const helpOption: OptionSpec = { short: "h", about: "Show this help" };

/** Options that more than one command has. */
export const commonOptions: Readonly<Record<"json" | "kernel" | "config" | "workers" | "seed", OptionSpec>> = {
  json: { about: "Print one JSON document" },
  kernel: { value: "VERSION", about: `Kernel instead of the file's own: ${kernels.map(({ id }) => id).join(", ")}` },
  config: {
    value: "NAME=n",
    multiple: true,
    about: "A switch to build the kernel without (n) or with (y): MEMORY_HOTREMOVE=n; more than once",
  },
  workers: { value: "N", about: "Spread the NUMA nodes over N worker threads (0: none; same result)" },
  seed: { value: "N", about: "Seed instead of the file's own" },
};

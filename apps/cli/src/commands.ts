import type { CommandSpec } from "./arguments/command-spec.ts";
import type { Command } from "./command.ts";

/** Every command: its line in the help, and where it is loaded from when it is called. */
export const commands: Readonly<Record<string, { readonly about: string; load(): Promise<Command> }>> = {
  tour: {
    about: "Two recorded runs of real kernels, run again and explained",
    load: async () => (await import("./commands/tour.ts")).tour,
  },
  run: {
    about: "Run a scenario or a kernel trace",
    load: async () => (await import("./commands/run.ts")).run,
  },
  replay: {
    about: "Run kernel traces and compare with what the kernel did",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  compare: {
    about: "One scenario under several kernels, side by side",
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  lsmem: {
    about: "What lsmem(1) shows on the machine",
    load: async () => (await import("./commands/lsmem.ts")).lsmem,
  },
  chmem: {
    about: "What chmem(8) does on the machine",
    load: async () => (await import("./commands/chmem.ts")).chmem,
  },
  blocks: {
    about: "The memory blocks of the machine",
    load: async () => (await import("./commands/blocks.ts")).blocks,
  },
  explain: {
    about: "Which blocks would go offline, and why the others would not",
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  capture: {
    about: "Record this host's memory, for explain",
    load: async () => (await import("./commands/capture.ts")).capture,
  },
  diagram: {
    about: "The statechart of a block, a DIMM or a container as a picture",
    load: async () => (await import("./commands/diagram.ts")).diagram,
  },
  mount: {
    about: "The machine's /sys and /proc as a real mount",
    load: async () => (await import("./commands/mount.ts")).mount,
  },
  sweep: {
    about: "Many runs over parameters and seeds, and studies",
    load: async () => (await import("./commands/sweep.ts")).sweep,
  },
  "sweep-worker": {
    about: "Carry out runs of sweeps that are coordinated over a Redis",
    load: async () => (await import("./commands/sweep-worker.ts")).sweepWorker,
  },
  fuzz: {
    about: "Random runs against every law; what breaks one is made small",
    load: async () => (await import("./commands/fuzz.ts")).fuzz,
  },
  rule: {
    about: "The facts that a refusal's rule names",
    load: async () => (await import("./commands/rule.ts")).rule,
  },
  docs: {
    about: "The documentation, served on this computer",
    load: async () => (await import("./commands/docs.ts")).docs,
  },
  kernels: {
    about: "The kernels and platforms that memhp knows",
    load: async () => (await import("./commands/kernels.ts")).kernels,
  },
  examples: {
    about: "The scenarios that come with memhp: list, show, copy",
    load: async () => (await import("./commands/examples.ts")).examples,
  },
  doctor: {
    about: "What this computer allows",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  completion: {
    about: "Completion for bash, zsh and fish",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
  man: {
    about: "The manual page",
    load: async () => (await import("./commands/man.ts")).man,
  },
  shell: {
    about: "A shell inside the machine",
    load: async () => (await import("./commands/shell.ts")).shell,
  },
  export: {
    about: "The machine's /sys and /proc as plain files",
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  import: {
    about: "What a /sys tree on the disk shows",
    load: async () => (await import("./commands/import.ts")).importCommand,
  },
  serve: {
    about: "The web console on this computer",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  zones: {
    about: "The zones of the machine's nodes",
    load: async () => (await import("./commands/zones.ts")).zones,
  },
};

/** How every command is called, in the order of the help. */
export async function allSpecs(): Promise<CommandSpec[]> {
  const loaded = await Promise.all(Object.values(commands).map((command) => command.load()));
  return loaded.map(({ spec }) => spec);
}

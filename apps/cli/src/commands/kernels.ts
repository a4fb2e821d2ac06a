import { builds, findKernel, type Kernel, kernels as known, switchesOf, type SwitchView } from "@memhp/kernels";
import { platforms as simulated } from "@memhp/platforms";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { textTable } from "@memhp/shell";

const platforms = simulated.map(({ id, about, fromSource }) => ({
  id,
  about,
  ...(fromSource === undefined ? {} : { from_source: fromSource }),
}));

interface KernelRow {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** At least so many recorded runs are replayed against it. */
  readonly recorded_runs: number;
  readonly recorded_steps: number;
  /** From source, not recorded. */
  readonly source?: Kernel["source"];
}

export const kernels: Command = {
  spec: {
    name: "kernels",
    about:
      "Lists the kernels and platforms that memhp knows, with how many recorded runs and steps prove each at least, or that it rests on its source.",
    operands: { name: "KERNEL", min: 0, max: 1 },
    options: { json: commonOptions.json },
    notes: [
      "With KERNEL: what proves it, and the switches that it can be built with or without (--config, `config` of a scenario), what each is for, and what it needs.",
      "Example: memhp kernels 6.12; memhp run FILE --config MEMORY_HOTREMOVE=n",
    ],
  },
  async run(args, host) {
    const [id] = args.operands;
    if (id !== undefined) {
      const kernel = kernelOfOperand(id);
      const switches = switchesOf(kernel);
      host.stdout.write(
        args.flag("json")
          ? `${JSON.stringify({ kernel: kernel.id, ...provedOf(kernel), switches }, undefined, 2)}\n`
          : `${provedText(kernel)}${switchTable(switches)}`,
      );
      return ExitCode.done;
    }
    const rows: KernelRow[] = [...known, ...builds].map(
      ({ id, title, about, recordedRuns, recordedSteps, source }) => ({
        id,
        title,
        about,
        recorded_runs: recordedRuns,
        recorded_steps: recordedSteps,
        ...(source === undefined ? {} : { source }),
      }),
    );
    if (args.flag("json")) host.stdout.write(`${JSON.stringify({ kernels: rows, platforms }, undefined, 2)}\n`);
    else host.stdout.write(`${table(rows)}\n${platformTable()}`);
    return ExitCode.done;
  },
};

function provedOf({ recordedRuns, recordedSteps, source }: Kernel): Omit<KernelRow, "id" | "title" | "about"> {
  return {
    recorded_runs: recordedRuns,
    recorded_steps: recordedSteps,
    ...(source === undefined ? {} : { source }),
  };
}

/** What of a kernel recorded runs prove, or which source it was read from and where that differs from the kernel that it is like. */
function provedText({ title, recordedRuns, recordedSteps, source }: Kernel): string {
  if (source === undefined) return `${title}: ${recordedRuns} recorded runs with ${recordedSteps} steps at least.\n\n`;
  const rows = Object.entries(source.differs).map(([section, fact]) => ({ section, fact }));
  const differs = textTable<(typeof rows)[number]>(
    [
      { name: "SECTION", align: "left", cell: ({ section }) => section },
      { name: "AS THE SOURCE SAYS", align: "left", cell: ({ fact }) => fact },
    ],
    rows,
  );
  return `${title}: from source (${source.release}), not recorded. All else is as ${source.like} has it.\n\n${differs}\n`;
}

/** @throws UsageError */
function kernelOfOperand(id: string): Kernel {
  const kernel = findKernel(id);
  if (kernel !== undefined) return kernel;
  const ids = [...known, ...builds].map((each) => each.id);
  throw new UsageError(`KERNEL: ${JSON.stringify(id)} is not known (allowed: ${ids.join(", ")})`);
}

function switchTable(switches: readonly SwitchView[]): string {
  return textTable<SwitchView>(
    [
      { name: "SWITCH", align: "left", cell: ({ name }) => name },
      { name: "IS", align: "left", cell: ({ value }) => (value ? "y" : "n") },
      { name: "NEEDS", align: "left", cell: ({ needs }) => needs.join(" ") },
      {
        name: "ABOUT",
        align: "left",
        cell: ({ about, fixed }) => (fixed === undefined ? about : `${about} (cannot be set: ${fixed})`),
      },
    ],
    switches,
  );
}

function table(rows: readonly KernelRow[]): string {
  return textTable<KernelRow>(
    [
      { name: "KERNEL", align: "left", cell: ({ id }) => id },
      { name: "RUNS", align: "right", cell: ({ recorded_runs: runs }) => (runs === 0 ? "none" : String(runs)) },
      { name: "STEPS", align: "right", cell: ({ recorded_steps: steps }) => (steps === 0 ? "none" : String(steps)) },
      {
        name: "ABOUT",
        align: "left",
        cell: ({ about, source }) => (source === undefined ? about : `${about}; from source, not recorded`),
      },
    ],
    rows,
  );
}

function platformTable(): string {
  return textTable<(typeof platforms)[number]>(
    [
      { name: "PLATFORM", align: "left", cell: ({ id }) => id },
      {
        name: "NOT RECORDED",
        align: "left",
        cell: ({ from_source: from = {} }) => Object.keys(from).join(", ") || "nothing",
      },
      { name: "ABOUT", align: "left", cell: ({ about }) => about },
    ],
    platforms,
  );
}

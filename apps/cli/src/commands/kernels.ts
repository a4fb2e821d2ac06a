import { builds, kernels as known } from "@memhp/kernels";
import { platforms as simulated } from "@memhp/platforms";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { textTable } from "../tables/text-table.ts";

const platforms = simulated.map(({ id, about }) => ({ id, about }));

interface KernelRow {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** At least so many recorded runs are replayed against it. */
  readonly recorded_runs: number;
}

export const kernels: Command = {
  spec: {
    name: "kernels",
    about: "Lists the kernels and platforms that memhp knows, with how many recorded runs prove each at least.",
    options: { json: commonOptions.json },
  },
  async run(args, host) {
    const rows: KernelRow[] = [...known, ...builds].map(({ id, title, about, recordedRuns }) => ({
      id,
      title,
      about,
      recorded_runs: recordedRuns,
    }));
    if (args.flag("json")) host.stdout.write(`${JSON.stringify({ kernels: rows, platforms }, undefined, 2)}\n`);
    else host.stdout.write(`${table(rows)}\n${platformTable()}`);
    return ExitCode.done;
  },
};

function table(rows: readonly KernelRow[]): string {
  return textTable<KernelRow>(
    [
      { name: "KERNEL", align: "left", cell: ({ id }) => id },
      { name: "RUNS", align: "right", cell: ({ recorded_runs: runs }) => (runs === 0 ? "none" : String(runs)) },
      { name: "ABOUT", align: "left", cell: ({ about }) => about },
    ],
    rows,
  );
}

function platformTable(): string {
  return textTable<(typeof platforms)[number]>(
    [
      { name: "PLATFORM", align: "left", cell: ({ id }) => id },
      { name: "ABOUT", align: "left", cell: ({ about }) => about },
    ],
    platforms,
  );
}

import { kernels as known } from "@memhp/kernels";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { textTable } from "../tables/text-table.ts";

/** Recorded runs of each kernel that the tests replay; there may be more by now. */
const recordedRuns: Readonly<Record<string, number>> = { "4.1": 100, "4.1-nomn": 10, "6.1": 131, "6.12": 130 };

/** Machines that recorded runs prove. */
const platforms = [{ id: "x86_64", about: "a PC as QEMU builds it (pc, q35), with ACPI memory hotplug" }];

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
    const rows: KernelRow[] = known.map(({ id, title, about }) => ({
      id,
      title,
      about,
      recorded_runs: recordedRuns[id] ?? 0,
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

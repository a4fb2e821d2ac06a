import { lsmem as printLsmem, lsmemColumns, lsmemFlags, lsmemOptions, NoMemoryBlocks, WrongUsage } from "@memhp/shell";
import type { Command } from "../command.ts";
import { retold, RunFailed, UsageError } from "../errors.ts";
import { machineNote, machineOptions, showMachine } from "../input/machine-source.ts";

export const lsmem: Command = {
  spec: {
    name: "lsmem",
    about: "Prints what lsmem(1) of util-linux 2.38.1 prints on the machine.",
    operands: { name: "FILE", min: 0, max: 1 },
    options: {
      ...lsmemFlags,
      ...machineOptions,
    },
    notes: [`Columns: ${lsmemColumns.join(", ")}.`, machineNote],
  },
  async run(args, host) {
    const options = retold(() => lsmemOptions(args), WrongUsage, UsageError);
    return showMachine(args, host, ({ files }) => retold(() => printLsmem(files, options), NoMemoryBlocks, RunFailed));
  },
};

import { lsmem as printLsmem, lsmemColumns, lsmemFlags, lsmemOptions, NoMemoryBlocks } from "@memhp/shell";
import { asked } from "../arguments/tool-options.ts";
import type { Command } from "../command.ts";
import { RunFailed } from "../errors.ts";
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
    const options = asked(() => lsmemOptions(args));
    return showMachine(args, host, (machine) => {
      try {
        return printLsmem(machine.files, options);
      } catch (error) {
        if (error instanceof NoMemoryBlocks) throw new RunFailed(error.message, { cause: error });
        throw error;
      }
    });
  },
};

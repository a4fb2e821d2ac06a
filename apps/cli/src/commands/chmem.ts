import {
  chmem as change,
  ChmemError,
  chmemFiles,
  chmemFlags,
  chmemOptions,
  type ChmemOutcome,
  NoMemoryBlocks,
  WrongUsage,
} from "@memhp/shell";
import type { Command } from "../command.ts";
import { retold, RunFailed, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { machineNote, machineOptions, onMachineOf } from "../input/machine-source.ts";

export const chmem: Command = {
  spec: {
    name: "chmem",
    about: "Sets memory online or offline as chmem(8) of util-linux 2.38.1 would, and says what it says.",
    operands: { name: "SIZE|RANGE|BLOCKS [FILE]", min: 1, max: 2 },
    options: {
      ...chmemFlags,
      ...machineOptions,
    },
    notes: [
      "SIZE is in MiB, or with a unit as in 2G; RANGE is 0x<start>-0x<end>; with -b a block number, or <first>-<last>.",
      machineNote,
      "Exit codes: 0 done, 1 nothing was done, 64 a part was done.",
    ],
  },
  run(args, host) {
    const [parameter = "", file] = args.operands;
    const options = retold(() => chmemOptions(args), WrongUsage, UsageError);
    return onMachineOf(file, args, host, async (machine) => {
      const work = (): Promise<ChmemOutcome> => change(chmemFiles(machine), parameter, options);
      const outcome = await retold(work, [ChmemError, NoMemoryBlocks], RunFailed);
      for (const line of outcome.stderr) host.stderr.write(`chmem: ${line}\n`);
      host.stdout.write(outcome.stdout);
      return { 0: ExitCode.done, 1: ExitCode.failed, 64: ExitCode.partlyDone }[outcome.exitCode];
    });
  },
};

import type { Arguments } from "../arguments/arguments.ts";
import { chmem as change, type ChmemOptions, type ChmemOutcome, chmemZones } from "../chmem/chmem.ts";
import { chmemFiles } from "../chmem/machine-files.ts";
import { ChmemError } from "../chmem/parameter.ts";
import type { Command } from "../command.ts";
import { RunFailed, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { machineNote, machineOptions, onMachineOf } from "../input/machine-source.ts";
import { NoMemoryBlocks } from "../lsmem/memory-ranges.ts";

export const chmem: Command = {
  spec: {
    name: "chmem",
    about: "Sets memory online or offline as chmem(8) of util-linux 2.38.1 would, and says what it says.",
    operands: { name: "SIZE|RANGE|BLOCKS [FILE]", min: 1, max: 2 },
    options: {
      enable: { short: "e", about: "Enable memory" },
      disable: { short: "d", about: "Disable memory" },
      blocks: { short: "b", about: "The range is one of memory blocks" },
      zone: { short: "z", value: "NAME", about: `Memory zone: ${chmemZones.join(", ")}` },
      verbose: { short: "v", about: "Say what becomes of each block" },
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
    const options = chmemOptions(args);
    return onMachineOf(file, args, host, async (machine) => {
      const outcome = await chmemOutcome(() => change(chmemFiles(machine), parameter, options));
      for (const line of outcome.stderr) host.stderr.write(`chmem: ${line}\n`);
      host.stdout.write(outcome.stdout);
      return { 0: ExitCode.done, 1: ExitCode.failed, 64: ExitCode.partlyDone }[outcome.exitCode];
    });
  },
};

/** The options of chmem(8) on a command line. @throws UsageError */
export function chmemOptions(args: Arguments): ChmemOptions {
  const [enable, disable] = [args.flag("enable"), args.flag("disable")];
  if (enable === disable) throw new UsageError(enable ? "-e and -d exclude each other" : "-e or -d is missing");
  const zone = args.text("zone");
  return {
    enable,
    useBlocks: args.flag("blocks"),
    verbose: args.flag("verbose"),
    ...(zone === undefined ? {} : { zone }),
  };
}

async function chmemOutcome(run: () => Promise<ChmemOutcome>): Promise<ChmemOutcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ChmemError || error instanceof NoMemoryBlocks)
      throw new RunFailed(error.message, { cause: error });
    throw error;
  }
}

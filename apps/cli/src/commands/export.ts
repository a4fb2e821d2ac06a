import { readdir } from "node:fs/promises";
import { oddTree, oddTrees } from "@memhp/mount";
import { writeTree } from "@memhp/mount/node";
import { exportTree } from "@memhp/sysfs";
import type { Command } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { machineNote, machineOptions, onMachineOf } from "../input/machine-source.ts";

export const exportCommand: Command = {
  spec: {
    name: "export",
    about: "Writes the machine's files below DIR as plain files, for `lsmem --sysroot DIR` and other readers.",
    operands: { name: "DIR [FILE]", min: 1, max: 2 },
    options: {
      odd: { value: "NAME", about: "Change the tree as tools seldom see it; may be given several times" },
      ...machineOptions,
    },
    notes: [
      machineNote,
      `Odd trees: ${Object.entries(oddTrees)
        .map(([name, { about }]) => `${name} (${about.charAt(0).toLowerCase()}${about.slice(1)})`)
        .join("; ")}.`,
      "DIR must be empty or not there. /proc/kpageflags and /proc/kpagecount, as long as the memory, are left out.",
    ],
  },
  async run(args, host) {
    const [directory = "", file] = args.operands;
    const odd = args.texts("odd");
    for (const name of odd) {
      if (!Object.hasOwn(oddTrees, name)) {
        const allowed = Object.keys(oddTrees).join(", ");
        throw new UsageError(`--odd: ${JSON.stringify(name)} is not known (allowed: ${allowed})`);
      }
    }
    if ((await namesIn(directory)).length > 0) throw new InputError(`${directory}: is not empty`);
    return onMachineOf(file, args, host, ({ files }) => {
      try {
        writeTree(oddTree(exportTree(files, "/"), odd), directory);
      } catch (error) {
        throw new InputError(`${directory}: cannot be written: ${(error as Error).message}`, { cause: error });
      }
      return ExitCode.done;
    });
  },
};

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new InputError(`${directory}: ${(error as Error).message}`, { cause: error });
  }
}

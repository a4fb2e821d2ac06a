import { readTreeOnDisk } from "@memhp/mount/node";
import { type ExportedEntry, importTree } from "@memhp/sysfs";
import type { Command } from "../command.ts";
import { InputError, retold } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { lsmem as printLsmem, NoMemoryBlocks } from "@memhp/shell";

export const importCommand: Command = {
  spec: {
    name: "import",
    about:
      "Reads a /sys tree on the disk, exported or copied from a host with cp -r, and shows its memory as lsmem does.",
    operands: { name: "DIR", min: 1, max: 1 },
    options: { json: { about: "Print the whole tree as one JSON document (memhp-tree/1)" } },
    notes: ["DIR holds sys, as `cp -r --parents /sys/devices/system/memory DIR` makes it, and maybe proc."],
  },
  async run(args, host) {
    const [directory = ""] = args.operands;
    const entries = await read(directory);
    if (args.flag("json")) {
      host.stdout.write(`${JSON.stringify({ format: "memhp-tree/1", entries }, undefined, 2)}\n`);
      return ExitCode.done;
    }
    const columns = ["RANGE", "SIZE", "STATE", "BLOCK", "NODE", "ZONES"] as const;
    const print = (): string => printLsmem(importTree(entries), { columns });
    host.stdout.write(retold(print, NoMemoryBlocks, InputError, `${directory}: `));
    return ExitCode.done;
  },
};

async function read(directory: string): Promise<ExportedEntry[]> {
  const entries: ExportedEntry[] = [];
  try {
    for await (const entry of readTreeOnDisk(directory)) entries.push(entry);
  } catch (error) {
    throw new InputError(`${directory}: ${(error as Error).message}`, { cause: error });
  }
  return entries;
}

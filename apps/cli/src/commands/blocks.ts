import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { machineNote, machineOptions, showMachine } from "../input/machine-source.ts";
import { ignoredOf } from "../timeline/head.ts";
import { blockRows, blocksTable } from "@memhp/shell";

export const blocks: Command = {
  spec: {
    name: "blocks",
    about: "Shows the memory blocks of a machine: where they are, their state, the zones they may join.",
    operands: { name: "FILE", min: 0, max: 1 },
    options: {
      json: commonOptions.json,
      all: { short: "a", about: "Show each block in a line of its own" },
      ...machineOptions,
    },
    notes: [machineNote],
  },
  run: (args, host) =>
    showMachine(args, host, (machine) => {
      const rows = blockRows(machine);
      return args.flag("json")
        ? `${JSON.stringify({ ...ignoredOf(machine), blocks: rows }, undefined, 2)}\n`
        : blocksTable(rows, args.flag("all"));
    }),
};

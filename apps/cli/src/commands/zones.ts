import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { machineNote, machineOptions, showMachine } from "../input/machine-source.ts";
import { ignoredOf } from "../timeline/head.ts";
import { zoneRows, zonesTable } from "../tables/zones.ts";

export const zones: Command = {
  spec: {
    name: "zones",
    about: "Shows the zones of a machine's nodes: spans and pages.",
    operands: { name: "FILE", min: 0, max: 1 },
    options: {
      json: commonOptions.json,
      all: { short: "a", about: "Show empty zones too" },
      ...machineOptions,
    },
    notes: [machineNote],
  },
  run: (args, host) =>
    showMachine(args, host, (machine) => {
      const rows = zoneRows(machine, args.flag("all"));
      return args.flag("json")
        ? `${JSON.stringify({ ...ignoredOf(machine), zones: rows }, undefined, 2)}\n`
        : zonesTable(rows);
    }),
};

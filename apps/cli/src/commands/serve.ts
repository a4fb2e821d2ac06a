import type { Command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { machineNote, machineOptions, onMachineOf } from "../input/machine-source.ts";
import { type EndInspection, inspectAlongside, inspectOptions } from "../readers/inspector.ts";
import { serveMachines } from "../serve/api/serve-machines.ts";
import { consolePages } from "../serve/console-pages.ts";
import { addressOptions, MAX_PORT } from "../serve/serve-options.ts";

const DEFAULT_PORT = 4173;

export const serve: Command = {
  spec: {
    name: "serve",
    about: "Serves the web console and an API for machines on this computer until it is interrupted.",
    operands: { name: "FILE", min: 0, max: 1 },
    options: {
      port: { value: "N", about: `Port, ${DEFAULT_PORT} unless told otherwise; 0 takes any that is free` },
      ...addressOptions,
      ...machineOptions,
      ...inspectOptions,
    },
    notes: [
      "With FILE its machine stands in the API from the start, as m0. " + machineNote.replace(/ Without FILE:.*$/, ""),
      "The API is at /api/v1 and describes itself at /api/v1/openapi.json: boot a scenario (POST /api/v1/machines), carry a step out (POST /api/v1/machines/m0/steps), read a file, have the session as a scenario or an image, and hear events by a WebSocket.",
      'Example: curl -s 127.0.0.1:4173/api/v1/machines/m0/steps -H content-type:application/json -d \'{"op":"online","blocks":"offline"}\'',
      "Exit codes: 130 when interrupted, 2 where the port is taken.",
    ],
  },
  async run(args, host) {
    const port = args.count("port", MAX_PORT) ?? DEFAULT_PORT;
    const served = await serveMachines(args, host, port, await consolePages());
    const stand = async (hash = ""): Promise<ExitCode> => {
      host.stdout.write(`${served.url}${hash}\n`);
      if (served.token !== undefined) host.stdout.write(`token: ${served.token}\n`);
      await host.interrupted();
      return ExitCode.interrupted;
    };
    try {
      const [file] = args.operands;
      if (file === undefined) {
        if (args.flag("inspect")) throw new UsageError("--inspect: goes with FILE, whose machine it shows");
        return await stand();
      }
      return await onMachineOf(file, args, host, async (machine) => {
        served.room.attach(file, machine);
        let endInspection: EndInspection | undefined;
        try {
          endInspection = await inspectAlongside(args, machine, host);
          return await stand("#attach=m0");
        } finally {
          await endInspection?.();
          await served.close();
        }
      });
    } finally {
      await served.close();
    }
  },
};

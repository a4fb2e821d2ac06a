import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../command.ts";
import { InputError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { serveLoopback } from "../serve/loopback.ts";
import { staticFiles } from "../serve/static-files.ts";

const DEFAULT_PORT = 4173;
const MAX_PORT = 65535;

/** Folder of the built console. @throws InputError where it was not built. */
async function consoleFolder(): Promise<string> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("@memhp/console/package.json"))), "dist");
  try {
    await access(join(folder, "index.html"));
    return folder;
  } catch (error) {
    throw new InputError("the web console is not built (in the workspace: pnpm exec nx build @memhp/console)", {
      cause: error,
    });
  }
}

export const serve: Command = {
  spec: {
    name: "serve",
    about: "Serves the web console on this computer (loopback only) until it is interrupted.",
    options: { port: { value: "N", about: `Port, ${DEFAULT_PORT} unless told otherwise; 0 takes any that is free` } },
    notes: ["Exit codes: 130 when interrupted, 2 where the port is taken."],
  },
  async run(args, host) {
    const port = args.count("port", MAX_PORT) ?? DEFAULT_PORT;
    const served = await serveLoopback(port, staticFiles(await consoleFolder()));
    host.stdout.write(`${served.url}\n`);
    await host.interrupted();
    await served.close();
    return ExitCode.interrupted;
  },
};

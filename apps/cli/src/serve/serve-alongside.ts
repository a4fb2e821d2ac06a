import type { Arguments } from "../arguments/arguments.ts";
import type { OptionSpec } from "../arguments/command-spec.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ServedMachines } from "./api/serve-machines.ts";

/** Shortest token that a server takes, in characters. */
export const MIN_TOKEN = 16;
export const MAX_PORT = 65_535;

/** Where a server stands and who may ask it. */
export const addressOptions: Readonly<Record<"host" | "token", OptionSpec>> = {
  host: { value: "ADDRESS", about: "Address to serve on instead of loopback; everybody who asks then needs the token" },
  token: {
    value: "TOKEN",
    about: `Token that is asked for (at least ${MIN_TOKEN} characters; with --host one is made and shown if none is given)`,
  },
};

/** For commands that have a machine up. */
export const serveOptions: Readonly<Record<"serve" | keyof typeof addressOptions, OptionSpec>> = {
  serve: {
    value: "PORT",
    implied: "4173",
    about: "Show the machine in the web console and its API meanwhile, on this computer",
  },
  ...addressOptions,
};

/** What `--serve` asks for; undefined without it, and then no server is loaded. @throws UsageError, InputError */
export async function serveAlongside(args: Arguments, host: Host): Promise<ServedMachines | undefined> {
  const port = args.count("serve", MAX_PORT);
  if (port === undefined) {
    for (const name of ["host", "token"] as const)
      if (args.text(name) !== undefined) throw new UsageError(`--${name}: goes with --serve`);
    return undefined;
  }
  const [{ serveMachines }, { consolePagesIfBuilt }] = await Promise.all([
    import("./api/serve-machines.ts"),
    import("./console-pages.ts"),
  ]);
  const served = await serveMachines(args, host, port, await consolePagesIfBuilt());
  host.stderr.write(
    `console: ${served.url}#attach=m0\n${served.token === undefined ? "" : `token: ${served.token}\n`}`,
  );
  return served;
}

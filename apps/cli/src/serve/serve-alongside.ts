import type { Arguments } from "../arguments/arguments.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ServedMachines } from "./api/serve-machines.ts";
import { MAX_PORT } from "./serve-options.ts";

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

import type { Arguments } from "../arguments/arguments.ts";
import type { Host } from "../host.ts";
import { assertNoAccessWanted, pageHash } from "./address.ts";
import type { ServedMachines } from "./api/serve-machines.ts";
import { MAX_PORT } from "./serve-options.ts";

/** What `--serve` asks for; undefined without it, and then no server is loaded. @throws UsageError, InputError */
export async function serveAlongside(args: Arguments, host: Host): Promise<ServedMachines | undefined> {
  const port = args.count("serve", MAX_PORT);
  if (port === undefined) {
    assertNoAccessWanted(args);
    return undefined;
  }
  const [{ serveMachines }, { consolePagesIfBuilt }] = await Promise.all([
    import("./api/serve-machines.ts"),
    import("./console-pages.ts"),
  ]);
  const served = await serveMachines(args, host, port, await consolePagesIfBuilt());
  const { url, token } = served;
  host.stderr.write(
    `console: ${url}${pageHash("attach=m0", token)}\n${token === undefined ? "" : `token: ${token}\n`}`,
  );
  return served;
}

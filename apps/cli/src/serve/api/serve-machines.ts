import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Arguments } from "../../arguments/arguments.ts";
import type { OptionSpec } from "../../arguments/command-spec.ts";
import { UsageError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { version } from "../../version.ts";
import { type LoopbackServer, serveLoopback } from "../loopback.ts";
import { apiListener, type ApiOptions, serveEvents } from "./machine-server.ts";
import { consolePagesIfBuilt } from "../console-pages.ts";
import { MachineRoom } from "./machine-room.ts";

const MIN_TOKEN = 16;
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

/** What `--serve` asks for; undefined without it. @throws UsageError, InputError */
export async function serveAlongside(args: Arguments, host: Host): Promise<ServedMachines | undefined> {
  const port = args.count("serve", MAX_PORT);
  if (port === undefined) {
    for (const name of ["host", "token"] as const)
      if (args.text(name) !== undefined) throw new UsageError(`--${name}: goes with --serve`);
    return undefined;
  }
  const served = await serveMachines(args, host, port, await consolePagesIfBuilt());
  host.stderr.write(
    `console: ${served.url}#attach=m0\n${served.token === undefined ? "" : `token: ${served.token}\n`}`,
  );
  return served;
}

export interface ServedMachines {
  readonly url: string;
  readonly token: string | undefined;
  readonly room: MachineRoom;
  /** Before machines that were attached go. */
  close(): Promise<void>;
}

/**
 * Serves the API of a room of machines, and `pages` beside it.
 * @throws UsageError, InputError
 */
export async function serveMachines(
  args: Arguments,
  host: Host,
  port: number,
  pages: RequestListener,
): Promise<ServedMachines> {
  const address = args.text("host");
  const given = args.text("token");
  if (given !== undefined && !/^[\w.~-]+$/.test(given))
    throw new UsageError("--token: expected letters, digits and . _ ~ - only");
  if (given !== undefined && given.length < MIN_TOKEN)
    throw new UsageError(`--token: expected at least ${MIN_TOKEN} characters, found ${given.length}`);
  const token = given ?? (address === undefined ? undefined : randomBytes(24).toString("base64url"));
  const room = new MachineRoom(host);
  const options: ApiOptions = { room, version: await version(), pages, ...(token === undefined ? {} : { token }) };
  const server: LoopbackServer = await serveLoopback(
    port,
    apiListener(options, () => server.port),
    address === undefined ? {} : { address },
  );
  const endEvents = serveEvents(options, server);
  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    token,
    room,
    close: () =>
      (closed ??= (async () => {
        endEvents();
        await server.close();
        await room.close();
      })()),
  };
}

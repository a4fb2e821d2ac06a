import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Arguments } from "../../arguments/arguments.ts";
import { UsageError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { version } from "../../text/version.ts";
import { type LoopbackServer, serveLoopback } from "../loopback.ts";
import { MIN_TOKEN } from "../serve-options.ts";
import { apiListener, type ApiOptions, serveEvents } from "./machine-server.ts";
import { MachineRoom } from "./machine-room.ts";

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

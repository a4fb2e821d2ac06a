import type { RequestListener } from "node:http";
import type { Arguments } from "../../arguments/arguments.ts";
import type { Host } from "../../host.ts";
import { version } from "../../text/version.ts";
import { accessWanted } from "../address.ts";
import { type LoopbackServer, serveLoopback } from "../loopback.ts";
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
  const { address, token } = accessWanted(args);
  const room = new MachineRoom(host);
  const options: ApiOptions = { room, version: await version(), pages, ...(token === undefined ? {} : { token }) };
  const server: LoopbackServer = await serveLoopback(
    port,
    apiListener(options, () => server),
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

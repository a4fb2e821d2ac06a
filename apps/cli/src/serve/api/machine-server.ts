import type { IncomingMessage, RequestListener } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { WebSocketServer } from "ws";
import type { LoopbackServer } from "../loopback.ts";
import { type Access, assertAllowed, countRefusal } from "./access.ts";
import { ApiError } from "./api-error.ts";
import { BEHIND_BYTES, EventFeed } from "./event-feed.ts";
import { stateBlocks } from "./served-machine.ts";
import type { MachineRoom } from "./machine-room.ts";
import { apiRoutes } from "./routes.ts";

const PROTOCOL = "memhp.v1";
const MAX_MESSAGE_BYTES = 65_536;
/** Viewers of all machines. */
const MAX_VIEWERS = 64;

export interface ApiOptions {
  readonly room: MachineRoom;
  readonly version: string;
  readonly token?: string;
  /** What a page gets that asks for something else. */
  readonly pages: RequestListener;
}

/** Answers `/api/` with the API, all else with pages. @param server the one that asks, once it is there. */
export function apiListener(
  { room, version, token, pages }: ApiOptions,
  server: () => Pick<LoopbackServer, "port" | "tally">,
): RequestListener {
  const api = getRequestListener(apiRoutes(room, version, () => server().tally).fetch);
  return (request, response) => {
    if (!(request.url ?? "").startsWith("/api/")) {
      pages(request, response);
      return;
    }
    try {
      assertAllowed(request.headers, accessOf(server().port, token));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      countRefusal(server().tally, error);
      response.writeHead(error.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: error.message }));
      return;
    }
    void api(request, response);
  };
}

function accessOf(port: number, token: string | undefined): Access {
  return { port, ...(token === undefined ? {} : { token }) };
}

/** Serves the events of a room's machines as WebSockets of a server. @returns what ends it. */
export function serveEvents({ room, token }: ApiOptions, { server, port, tally, isForUs }: LoopbackServer): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const feeds = new Map<string, EventFeed>();

  function feedOf(url: string): EventFeed {
    const id = /^\/api\/v1\/machines\/(\w+)\/events$/.exec(url.split("?")[0] ?? "")?.[1];
    if (id === undefined) throw new ApiError(404, "no such socket");
    const machine = room.get(id);
    const known = feeds.get(machine.id);
    if (known !== undefined) return known;
    const feed = new EventFeed(machine, tally);
    feeds.set(machine.id, feed);
    machine.onGone(() => {
      feeds.delete(machine.id);
      feed.close();
    });
    return feed;
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    try {
      if (!isForUs(request)) throw new ApiError(421, "memhp serves this computer only");
      assertAllowed(request.headers, accessOf(port, token));
      if (sockets.clients.size >= MAX_VIEWERS) throw new ApiError(429, `${MAX_VIEWERS} viewers are connected`);
      const feed = feedOf(request.url ?? "");
      const blocks = stateBlocks(new URLSearchParams((request.url ?? "").split("?")[1]).get("blocks"));
      sockets.handleUpgrade(request, socket, head, (viewer) => {
        const remove = feed.add(viewer, blocks);
        viewer.on("close", remove);
        // Too large, or no text: the library closes the socket.
        viewer.on("error", (error: NodeJS.ErrnoException) => {
          tally.add(error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? "too_large" : "malformed");
          remove();
        });
        viewer.on("message", (data: Buffer, isBinary) => {
          if (isBinary) {
            tally.add("malformed");
            viewer.close(1003, "text only");
            return;
          }
          // Who asks on and on and takes no answer would fill the memory with them.
          if (viewer.bufferedAmount > 2 * BEHIND_BYTES) {
            tally.add("stalled");
            viewer.terminate();
            return;
          }
          void feed.answer(viewer, data.toString()).then((text) => viewer.send(text));
        });
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      countRefusal(tally, error);
      socket.end(`HTTP/1.1 ${error.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  };
  server.on("upgrade", onUpgrade);
  return () => {
    server.off("upgrade", onUpgrade);
    for (const feed of feeds.values()) feed.close();
    for (const viewer of sockets.clients) viewer.terminate();
    sockets.close();
  };
}

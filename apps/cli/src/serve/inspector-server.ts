import { inspectorPage, type InspectionHub, textSink } from "@memhp/inspect";
import { WebSocketServer } from "ws";
import { isLocalHost, type LoopbackServer, serveLoopback } from "./loopback.ts";

export interface InspectorServer extends Pick<LoopbackServer, "url" | "close"> {
  /** Settles when the first viewer has connected. */
  readonly viewed: Promise<void>;
  /** Gives viewers, of now and later, the picture of a hub. */
  show(hub: Pick<InspectionHub, "addSink">): void;
}

/** A page with the official inspector, and the socket that feeds it; both on loopback. */
export async function serveInspector(port: number): Promise<InspectorServer> {
  const loopback: LoopbackServer = await serveLoopback(port, (request, response) => {
    if (request.url !== "/") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(inspectorPage({ socketUrl: `ws://127.0.0.1:${loopback.port}/` }));
  });
  const sockets = new WebSocketServer({
    server: loopback.server,
    // The page is served from here; a socket opened by a page of elsewhere is refused.
    verifyClient: ({ req, origin }: { req: { headers: { host?: string | undefined } }; origin: string | undefined }) =>
      isLocalHost(req.headers.host, loopback.port) &&
      (origin === undefined || isLocalHost(origin.replace("http://", ""), loopback.port)),
  });
  let hub: Pick<InspectionHub, "addSink"> | undefined;
  const waiting: ((hub: Pick<InspectionHub, "addSink">) => void)[] = [];
  const viewed = new Promise<void>((resolve) => {
    sockets.on("connection", (socket) => {
      const feed = (to: Pick<InspectionHub, "addSink">): void => {
        const remove = to.addSink(textSink((text) => socket.send(text)));
        socket.on("close", remove);
      };
      if (hub === undefined) waiting.push(feed);
      else feed(hub);
      resolve();
    });
  });
  return {
    url: loopback.url,
    viewed,
    show(shown) {
      hub = shown;
      for (const feed of waiting.splice(0)) feed(shown);
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await loopback.close();
    },
  };
}

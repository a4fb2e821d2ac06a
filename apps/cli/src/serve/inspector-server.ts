import type { RequestListener } from "node:http";
import { inspectorPage, type InspectionHub, textSink } from "@memhp/inspect";
import { WebSocketServer } from "ws";
import { consolePages } from "./console-pages.ts";
import { InputError } from "../errors.ts";
import { isLocalHost, type LoopbackServer, serveLoopback } from "./loopback.ts";

export interface InspectorServer extends Pick<LoopbackServer, "url" | "close"> {
  /** Stately's inspector, whose page comes from the internet. */
  readonly statelyUrl: string;
  /** Settles when the first viewer has connected. */
  readonly viewed: Promise<void>;
  /** Gives viewers, of now and later, the picture of a hub. */
  show(hub: Pick<InspectionHub, "addSink">): void;
}

/** memhp's own viewer, Stately's beside it, and the socket that feeds both; all on loopback. */
export async function serveInspector(port: number): Promise<InspectorServer> {
  const own = await ownViewer();
  const loopback: LoopbackServer = await serveLoopback(port, (request, response) => {
    const path = request.url ?? "/";
    if (path === "/stately") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(inspectorPage({ socketUrl: `ws://127.0.0.1:${loopback.port}/` }));
      return;
    }
    if (path === "/") request.url = "/inspector.html";
    own(request, response);
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
    statelyUrl: `${loopback.url}stately`,
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

/** A page of the web console; where nobody built that, the way to Stately's. */
async function ownViewer(): Promise<RequestListener> {
  try {
    return await consolePages();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message } = error;
    return (_request, response) =>
      response
        .writeHead(404, { "content-type": "text/plain; charset=utf-8" })
        .end(`${message}\nStately's inspector, from the internet, is at /stately\n`);
  }
}

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InputError } from "../errors.ts";

const LOOPBACK = "127.0.0.1";

/**
 * Names under which a browser on this computer may ask. A page of elsewhere that has its own name
 * point at 127.0.0.1 (DNS rebinding) comes with that name and is refused.
 */
export function isLocalHost(header: string | undefined, port: number): boolean {
  return (
    header !== undefined && [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(header.toLowerCase())
  );
}

export interface LoopbackServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Serves on loopback only. @param port 0 takes any. @throws InputError where the port is taken. */
export async function serveLoopback(port: number, answer: RequestListener): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    if (isLocalHost(request.headers.host, own)) answer(request, response);
    else response.writeHead(421, { "content-type": "text/plain" }).end("memhp serves this computer only\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new InputError(`--port: ${port} is taken`) : error);
    });
    server.listen(port, LOOPBACK, resolve);
  });
  const own = (server.address() as AddressInfo).port;
  return {
    server,
    port: own,
    url: `http://${LOOPBACK}:${own}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

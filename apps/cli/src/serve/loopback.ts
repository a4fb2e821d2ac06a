import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { InputError } from "../errors.ts";
import { reason } from "../output/reason.ts";
import { Tally } from "./tally.ts";

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
  /** Who was turned away so far. */
  readonly tally: Tally;
  /** Whether a request, of a WebSocket too, is for this server by the name that it asks for; else it is counted. */
  readonly isForUs: (request: IncomingMessage) => boolean;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** How long a connection may take to send a request's head. */
  readonly headMs?: number;
  /** How long who asked may take nothing of the answer, though there is some. */
  readonly stallMs?: number;
  /** Connections at a time; more are turned away. */
  readonly maxConnections?: number;
  /** Instead of loopback. Then any name may be asked for: `answer` sees to who may. */
  readonly address?: string;
}

const HEAD_MS = 5000;
const STALL_MS = 30_000;
const MAX_CONNECTIONS = 256;
/** Of a whole request; none of them has a body to speak of. */
const REQUEST_MS = 30_000;

/**
 * Serves on loopback, unless told otherwise. `answer` sees requests under this computer's own names, with a path as their `url`.
 * @param port 0 takes any.
 * @throws InputError where it cannot listen there
 */
export async function serveLoopback(
  port: number,
  answer: RequestListener,
  { headMs = HEAD_MS, stallMs = STALL_MS, maxConnections = MAX_CONNECTIONS, address }: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const tally = new Tally();
  const server = createServer(
    {
      headersTimeout: headMs,
      requestTimeout: Math.max(REQUEST_MS, headMs),
      connectionsCheckingInterval: Math.min(1000, headMs),
      keepAliveTimeout: headMs,
    },
    (request, response) => {
      response.setHeader("x-content-type-options", "nosniff");
      const { port: own } = server.address() as AddressInfo;
      const wrong = wrongTarget(request, own, address !== undefined);
      if (wrong === undefined) {
        answer(request, response);
        return;
      }
      tally.add("host");
      refuse(response, ...wrong);
    },
  );
  server.maxConnections = maxConnections;
  server.on("drop", () => tally.add("connections"));
  dropStalled(server, stallMs, tally);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isAddress = error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND";
      const what = isAddress
        ? `--host: ${address} is no address of this computer`
        : `--port: ${cannotListen(port, error)}`;
      reject(new InputError(what, { cause: error }));
    });
    server.listen(port, address ?? LOOPBACK, resolve);
  });
  const own = (server.address() as AddressInfo).port;
  return {
    server,
    port: own,
    url: `http://${inUrl(address ?? LOOPBACK)}:${own}/`,
    tally,
    isForUs: (request) => {
      const isOurs = wrongTarget(request, own, address !== undefined) === undefined;
      if (!isOurs) tally.add("host");
      return isOurs;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Ends connections that are silent: with nothing under way, or with an answer that nobody takes. What takes long to answer is waited for. */
function dropStalled(server: Server, stallMs: number, tally: Tally): void {
  const asking = new WeakSet<Socket>();
  server.on("request", ({ socket }, response) => {
    asking.add(socket);
    response.on("close", () => asking.delete(socket));
  });
  server.timeout = stallMs;
  server.on("timeout", (socket: Socket) => {
    const isStalled = socket.writableLength > 0;
    if (isStalled) tally.add("stalled");
    if (isStalled || !asking.has(socket)) socket.destroy();
  });
}

function inUrl(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function cannotListen(port: number, error: NodeJS.ErrnoException): string {
  if (error.code === "EADDRINUSE") return `${port} is taken`;
  if (error.code === "EACCES")
    return `${port} is for the administrator (allowed: 1024 and above, or 0 for any that is free)`;
  return `${port}: ${reason(error)}`;
}

/** Why a request is not for this server; its `url` becomes a path where it was absolute (RFC 9112 §3.2.2). */
function wrongTarget(
  request: IncomingMessage,
  port: number,
  anyHost: boolean,
): readonly [status: number, text: string] | undefined {
  const hosts = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length > 1) return [400, "more than one Host\n"];
  const absolute = /^http:\/\/([^/?#]*)(.*)$/i.exec(request.url ?? "");
  const host = absolute === null ? request.headers.host : absolute[1];
  if (!anyHost && !isLocalHost(host, port)) return [421, "memhp serves this computer only\n"];
  if (absolute !== null) request.url = absolute[2]?.startsWith("/") === true ? absolute[2] : `/${absolute[2] ?? ""}`;
  return undefined;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

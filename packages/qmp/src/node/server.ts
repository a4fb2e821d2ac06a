import { knownOptions } from "@memhp/abi";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createQmpDispatcher, type QmpDispatcher } from "../dispatcher.ts";
import type { QmpPort } from "../port.ts";
import type { QmpSessionOptions } from "../session.ts";
import { listenOptions, type QmpAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import { listen } from "./listen.ts";

/** Where a monitor listens, and how many clients it takes. */
export interface QmpServerOptions extends Pick<QmpSessionOptions, "commands" | "limits" | "onBug"> {
  /** Of the machine, when several servers show it; without it the server has its own. */
  readonly dispatcher?: QmpDispatcher;
  /** Clients at a time. 64 without it. One more takes the place of one that has been silent for long, or is turned away. */
  readonly maxClients?: number;
  /** How long a client that has negotiated keeps its place without a word, where others want it. A minute without it. */
  readonly maxSilenceMs?: number;
  /** Bytes of events that may wait for one client that does not read, before it is cut off. 16 MiB without it. */
  readonly maxBacklogBytes?: number;
}

/** A monitor that listens. */
export interface QmpServer {
  /** Where it listens, with the port that was found. */
  readonly address: QmpAddress;
  /** How many clients are connected. */
  readonly clients: number;
  /** Ends all sessions, stops listening and removes the socket file. A second call waits for the first. */
  close(): Promise<void>;
  /** Fulfilled when it has closed: by `close`, or because a client sent `quit`. */
  readonly closed: Promise<void>;
}

/** How long a client may take to read its last lines. */
const GRACE_MS = 500;

const OPTIONS: Readonly<Record<keyof QmpServerOptions, true>> = {
  dispatcher: true,
  maxClients: true,
  maxSilenceMs: true,
  maxBacklogBytes: true,
  commands: true,
  limits: true,
  onBug: true,
};

/**
 * Serves a machine's monitor on a unix socket or on TCP of the loopback interface, one session per client.
 * @throws QmpServerError
 */
export async function serveQmp(port: QmpPort, address: QmpAddress, options: QmpServerOptions = {}): Promise<QmpServer> {
  knownOptions("serveQmp: options", options, OPTIONS);
  const running = new RunningServer(port, options);
  await running.listen(address);
  return running;
}

class RunningServer implements QmpServer {
  readonly closed: Promise<void>;
  readonly #port: QmpPort;
  readonly #options: QmpServerOptions & { readonly dispatcher: QmpDispatcher };
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  #address: QmpAddress = { path: "" };
  #closing = false;

  constructor(port: QmpPort, options: QmpServerOptions) {
    this.#port = port;
    this.#options = { ...options, dispatcher: options.dispatcher ?? createQmpDispatcher(port) };
    // Half open: a client may send its commands, end, and still read the answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.closed = new Promise((resolve) => {
      // The server closes a moment before its last socket says so.
      this.#server.once("close", () => {
        const sockets = [...this.#connections.keys()].map((socket) => once(socket, "close"));
        void Promise.all(sockets).then(() => resolve());
      });
    });
  }

  get address(): QmpAddress {
    return this.#address;
  }

  get clients(): number {
    return this.#connections.size;
  }

  async listen(address: QmpAddress): Promise<void> {
    await listen(this.#server, listenOptions(address));
    const found = this.#server.address();
    this.#address = found === null || typeof found === "string" ? address : { host: found.address, port: found.port };
  }

  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#server.close();
      for (const connection of this.#connections.values()) connection.close(GRACE_MS);
    }
    return this.closed;
  }

  /** Whether there is a place: a client that only holds one loses it to one that comes. */
  #makeRoom(): boolean {
    const { maxClients = 64, maxSilenceMs = 60_000 } = this.#options;
    if (this.#connections.size < maxClients) return true;
    let silent: { readonly socket: Socket; readonly connection: Connection; readonly ms: number } | undefined;
    for (const [socket, connection] of this.#connections) {
      const ms = connection.silentMs;
      if (ms >= maxSilenceMs && ms > (silent?.ms ?? -1)) silent = { socket, connection, ms };
    }
    if (silent === undefined) return false;
    silent.connection.cutOff();
    this.#connections.delete(silent.socket);
    return true;
  }

  #accept(socket: Socket): void {
    if (!this.#makeRoom()) {
      socket.destroy();
      return;
    }
    const { commands, dispatcher, limits, onBug, maxBacklogBytes = 16 * 1024 * 1024 } = this.#options;
    const connection = new Connection(this.#port, socket, {
      dispatcher,
      maxBacklogBytes,
      ...(commands !== undefined && { commands }),
      ...(limits !== undefined && { limits }),
      ...(onBug !== undefined && { onBug }),
      end: () => void this.close(),
    });
    this.#connections.set(socket, connection);
    socket.once("close", () => this.#connections.delete(socket));
  }
}

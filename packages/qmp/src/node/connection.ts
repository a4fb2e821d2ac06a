import type { Socket } from "node:net";
import { createQmpSession, type QmpSession, type QmpSessionOptions } from "../session.ts";
import type { QmpPort } from "../port.ts";

export interface ConnectionOptions extends Pick<QmpSessionOptions, "commands" | "dispatcher" | "limits" | "onBug"> {
  /** Events that may wait for a client that does not read. */
  readonly maxBacklogBytes: number;
  /** The machine has ended. */
  readonly end: () => void;
}

/**
 * One client: its socket and its monitor. Its commands are read only while its answers go out, so that answers never
 * pile up; a client that lets events pile up is cut off.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #session: QmpSession;
  readonly #maxBacklogBytes: number;
  #heardAtMs = performance.now();
  #idle = true;
  #halfClosed = false;

  constructor(port: QmpPort, socket: Socket, { maxBacklogBytes, end, ...session }: ConnectionOptions) {
    this.#socket = socket;
    this.#maxBacklogBytes = maxBacklogBytes;
    // Before the session: it sends the greeting at once, and may find the client gone.
    socket.on("error", () => socket.destroy());
    this.#session = createQmpSession(port, {
      ...session,
      send: (line) => this.#send(line),
      ready: () => this.#ready(),
      end: () => {
        socket.end();
        end();
      },
    });
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("drain", () => this.#session.drained());
    socket.on("end", () => {
      this.#halfClosed = true;
      if (this.#idle) socket.end();
    });
    socket.on("close", () => this.#session.close());
  }

  /** Milliseconds since the client last sent something; without end where it has not even said `qmp_capabilities`. */
  get silentMs(): number {
    return this.#session.isNegotiated ? performance.now() - this.#heardAtMs : Number.POSITIVE_INFINITY;
  }

  /** Its place is needed. */
  cutOff(): void {
    this.#session.close();
    this.#socket.destroy();
  }

  /** Sends what waits, if the client takes it soon. */
  close(graceMs: number): void {
    this.#session.close();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), graceMs);
    this.#socket.once("close", () => clearTimeout(timer));
    // A client that goes on sending must not keep the socket open.
    this.#socket.resume();
  }

  #receive(bytes: Uint8Array): void {
    this.#heardAtMs = performance.now();
    this.#idle = this.#session.receive(bytes);
    if (!this.#idle) this.#socket.pause();
  }

  #ready(): void {
    this.#idle = true;
    if (this.#halfClosed) this.#socket.end();
    else this.#socket.resume();
  }

  #send(line: string): boolean {
    const socket = this.#socket;
    if (!socket.writable) return true;
    if (socket.writableLength > this.#maxBacklogBytes) {
      socket.destroy();
      return true;
    }
    return socket.write(line, "latin1");
  }
}

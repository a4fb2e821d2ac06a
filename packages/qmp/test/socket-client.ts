import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Answer {
  readonly QMP?: object;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: Record<string, unknown>;
  readonly id?: unknown;
}

/** A client over a real socket, which takes whole lines. */
export class SocketClient {
  readonly socket: Socket;
  readonly lines: Answer[] = [];
  #waiting: (() => void)[] = [];
  #rest = "";

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.on("close", () => this.#wake());
    socket.on("data", (text: string) => {
      const lines = (this.#rest + text).split("\r\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.lines.push(JSON.parse(line) as Answer);
      this.#wake();
    });
  }

  /** Connects and reads the greeting. */
  static async connect(options: NetConnectOpts): Promise<SocketClient> {
    const client = new SocketClient(connect(options));
    onTestFinished(() => void client.socket.destroy());
    await once(client.socket, "connect");
    await client.next();
    return client;
  }

  /** Connects and negotiates. */
  static async open(options: NetConnectOpts): Promise<SocketClient> {
    const client = await SocketClient.connect(options);
    await client.ask("qmp_capabilities");
    return client;
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next line. */
  async next(): Promise<Answer> {
    while (this.lines.length === 0) {
      if (this.socket.destroyed) throw new Error("the connection is closed");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const line = this.lines.shift();
    if (line === undefined) throw new Error("no line");
    return line;
  }

  /** A command and the next line. */
  ask(execute: string, args: object = {}): Promise<Answer> {
    this.send(JSON.stringify({ execute, arguments: args }));
    return this.next();
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, "close");
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

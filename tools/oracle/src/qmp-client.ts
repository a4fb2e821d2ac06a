import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Monitor, QmpAnswer, QmpEventMessage } from "./target.ts";

/** The monitor went away, or is no monitor. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
}

type Message = Readonly<Record<string, unknown>>;

/** Connects to a monitor's unix socket and negotiates. @throws MonitorError */
export async function connectMonitor(path: string): Promise<Monitor> {
  const socket = connect({ path });
  await once(socket, "connect");
  const client = new QmpClient(socket);
  await client.execute("qmp_capabilities");
  return client;
}

/** Commands go out one at a time, so answers need no ids. */
class QmpClient implements Monitor {
  readonly #socket: Socket;
  readonly #watchers = new Set<() => void>();
  #waiting: { resolve(answer: QmpAnswer): void; reject(error: Error): void } | undefined;
  #events: QmpEventMessage[] = [];
  #rest = "";

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#receive(text));
    socket.on("error", (error) => this.#fail(error.message));
    socket.on("close", () => this.#fail("the monitor closed the connection"));
  }

  execute(command: string, operands?: Message): Promise<QmpAnswer> {
    if (this.#waiting !== undefined) throw new MonitorError(`${command}: another command is not answered yet`);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${JSON.stringify({ execute: command, ...(operands && { arguments: operands }) })}\n`);
    });
  }

  waitFor(isEnough: (events: readonly QmpEventMessage[]) => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const look = (): void => {
        if (isEnough(this.#events)) end();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  takeEvents(): QmpEventMessage[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    this.#socket.destroy();
    await closed;
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") this.#message(JSON.parse(line) as Message);
  }

  #message(message: Message): void {
    if (typeof message["event"] === "string") {
      this.#events.push({ event: message["event"], data: (message["data"] ?? {}) as Message });
      for (const look of this.#watchers) look();
    } else if ("return" in message || "error" in message) {
      this.#waiting?.resolve(message as unknown as QmpAnswer);
      this.#waiting = undefined;
    }
  }

  #fail(reason: string): void {
    this.#waiting?.reject(new MonitorError(reason));
    this.#waiting = undefined;
  }
}

import { knownOptions } from "@memhp/abi";
import { plainMembers, type QmpValue } from "./json/plain.ts";
import { JsonStream } from "./json/stream.ts";
import { encodeUtf8 } from "./json/utf8.ts";
import { JsonObject } from "./json/value.ts";
import type { QmpResult } from "./result.ts";

/** What a monitor told without being asked. */
export interface QmpClientEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, QmpValue>>;
  /** Of the machine: simulated time, here. */
  readonly timestamp: QmpValue;
}

/** The connection ended, or the other side speaks no QMP. */
export class QmpClientError extends Error {
  override readonly name = "QmpClientError";
}

/** Where a client's lines go. */
export interface QmpClientOptions {
  /** Takes one command with its end. */
  readonly send: (line: string) => void;
}

/** The other end of a monitor, QEMU's or memhp's, without a socket. */
export interface QmpClient {
  /** Fulfilled when the monitor has greeted. @throws QmpClientError where it goes away before */
  readonly greeted: Promise<void>;
  /**
   * Runs a command. Several may be on their way; they are answered in order. A refusal is a result.
   * @throws QmpClientError when the connection ends before the answer
   */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<QmpResult<QmpValue>>;
  /** Hears every event from now on. @returns a function that ends it. */
  onEvent(listener: (event: QmpClientEvent) => void): () => void;
  /** The next event of a name. @throws QmpClientError when the connection ends before */
  nextEvent(name: string): Promise<QmpClientEvent>;
  /** Bytes or text from the monitor, in pieces of any size. */
  receive(piece: string | Uint8Array): void;
  /** The connection has ended: whoever waits is told why. */
  close(reason?: string): void;
}

const OPTIONS: Readonly<Record<keyof QmpClientOptions, true>> = { send: true };

/** A client of any QEMU monitor: hand it what comes, and give it a way to send. */
export function createQmpClient(options: QmpClientOptions): QmpClient {
  knownOptions("createQmpClient: options", options, OPTIONS);
  return new Client(options);
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: QmpClientError): void;
}

class Client implements QmpClient {
  readonly greeted: Promise<void>;
  readonly #send: (line: string) => void;
  readonly #stream = new JsonStream();
  readonly #answers: Waiting<QmpResult<QmpValue>>[] = [];
  readonly #listeners = new Set<(event: QmpClientEvent) => void>();
  readonly #waiting = new Set<Waiting<QmpClientEvent>>();
  #greet: Waiting<void> | undefined;
  #ended: QmpClientError | undefined;

  constructor({ send }: QmpClientOptions) {
    this.#send = send;
    this.greeted = new Promise((resolve, reject) => {
      this.#greet = { resolve, reject };
    });
    // Whoever does not wait for the greeting hears of a connection that ended by its command.
    this.greeted.catch(() => {});
  }

  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<QmpResult<QmpValue>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#answers.push({ resolve, reject });
      this.#send(`${commandText({ execute: command, ...(args !== undefined && { arguments: args }) })}\n`);
    });
  }

  onEvent(listener: (event: QmpClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  nextEvent(name: string): Promise<QmpClientEvent> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const waiting: Waiting<QmpClientEvent> = { resolve, reject };
      this.#waiting.add(waiting);
      const stop = this.onEvent((event) => {
        if (event.event !== name) return;
        stop();
        this.#waiting.delete(waiting);
        resolve(event);
      });
    });
  }

  receive(piece: string | Uint8Array): void {
    const bytes = typeof piece === "string" ? encodeUtf8(piece) : piece;
    for (let at = 0; at < bytes.length && this.#ended === undefined;) {
      const { next, message } = this.#stream.read(bytes, at);
      at = next;
      if (message === undefined) continue;
      if (message.ok && message.value instanceof JsonObject) this.#message(plainMembers(message.value));
      else this.close("the other side speaks no QMP");
    }
  }

  close(reason = "the connection is closed"): void {
    if (this.#ended !== undefined) return;
    this.#ended = new QmpClientError(reason);
    for (const waiting of [...this.#answers.splice(0), ...this.#waiting]) waiting.reject(this.#ended);
    this.#waiting.clear();
    this.#greet?.reject(this.#ended);
  }

  #message(message: Readonly<Record<string, QmpValue>>): void {
    if (typeof message["event"] === "string") {
      const { event, data = {}, timestamp = null } = message;
      const told = { event, data: data as QmpClientEvent["data"], timestamp };
      for (const listener of this.#listeners) listener(told);
    } else if (message["return"] !== undefined) {
      this.#answers.shift()?.resolve({ ok: true, value: message["return"] });
    } else if (message["error"] !== undefined) {
      this.#answers.shift()?.resolve({ ok: false, refusal: message["error"] as never });
    } else if (message["QMP"] !== undefined) {
      this.#greet?.resolve();
    } else this.close("the other side speaks no QMP");
  }
}

/** JSON with whole numbers of any size: an address needs 64 bits. */
function commandText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(commandText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${commandText(member)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

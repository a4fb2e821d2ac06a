import { knownOptions } from "@memhp/abi";
import { CommandError } from "./command-error.ts";
import { CAPABILITIES } from "./commands/capabilities.ts";
import type { Command, CommandContext } from "./commands/command.ts";
import { ownCommand, type QmpCommands } from "./commands/own-command.ts";
import { versionInfo } from "./commands/queries.ts";
import { BESIDE_OTHERS, COMMANDS, NEGOTIATION_COMMANDS } from "./commands/table.ts";
import { QmpDispatcher } from "./dispatcher.ts";
import type { JsonMessage } from "./json/message.ts";
import { printJson } from "./json/print.ts";
import { type JsonLimits, JsonStream } from "./json/stream.ts";
import { encodeUtf8 } from "./json/utf8.ts";
import { JsonObject, type JsonValue, jsonValue, type PlainValue } from "./json/value.ts";
import type { QmpPort } from "./port.ts";
import { nameOfRequest, readRequest } from "./request.ts";
import type { Awaitable, QmpError } from "./result.ts";

/** Where a session's lines go, its version, limits, and commands of your own. */
export interface QmpSessionOptions {
  /**
   * Takes one line of answer, event or greeting with its end (CR LF). ASCII only. False: enough for now; the session reads no
   * further command until `drained`. Events still come.
   */
  readonly send: (line: string) => boolean | void;
  /** The machine has ended: nothing more will be sent. */
  readonly end?: () => void;
  /** After `receive` said false: all that was received is dealt with. */
  readonly ready?: () => void;
  /** Shared by all sessions of a machine; without it the session is the only one. */
  readonly dispatcher?: QmpDispatcher;
  /** Commands besides memhp's own: `{ "x-pull-cord": () => OK }`. */
  readonly commands?: QmpCommands;
  /** What this client may make the session hold; QEMU's limits without it. */
  readonly limits?: JsonLimits;
  /** Told what a port threw: a bug. The client gets an error answer. Without it, the bug is thrown from a microtask. */
  readonly onBug?: (error: unknown) => void;
}

/** One client's monitor. */
export interface QmpSession {
  /**
   * Bytes or text from the client, in pieces of any size. False: a command is running or `send` said false; whoever can
   * should send no more until `ready`. What is sent nevertheless is kept. Bytes are not copied: they must stay as they are.
   */
  receive(piece: string | Uint8Array): boolean;
  /** Whether the client has said `qmp_capabilities`. */
  readonly isNegotiated: boolean;
  /** `send` may be called again after it said false. */
  drained(): void;
  /** The client is gone. A running command runs to its end, unheard. */
  close(): void;
}

const OPTIONS: Readonly<Record<keyof QmpSessionOptions, true>> = {
  send: true,
  end: true,
  ready: true,
  dispatcher: true,
  commands: true,
  limits: true,
  onBug: true,
};

/** A monitor for one client: sends the greeting at once. */
export function createQmpSession(port: QmpPort, options: QmpSessionOptions): QmpSession {
  knownOptions("createQmpSession: options", options, OPTIONS);
  return new Session(port, options);
}

class Session implements QmpSession {
  readonly #dispatcher: QmpDispatcher;
  readonly #options: QmpSessionOptions;
  readonly #stream: JsonStream;
  readonly #leave: () => void;
  readonly #commands: ReadonlyMap<string, Command>;
  /** Received, not read; the first piece from `#at`. */
  readonly #pieces: Uint8Array[] = [];
  #at = 0;
  #negotiated = false;
  #oobEnabled = false;
  #running = false;
  #blocked = false;
  #reading = false;
  #closed = false;

  constructor(port: QmpPort, options: QmpSessionOptions) {
    this.#options = options;
    const own = Object.entries(options.commands ?? {}).map(([name, run]) => [name, ownCommand(run)] as const);
    this.#commands = own.length === 0 ? COMMANDS : new Map([...COMMANDS, ...own]);
    this.#dispatcher = options.dispatcher ?? new QmpDispatcher(port);
    this.#stream = new JsonStream(options.limits);
    this.#leave = this.#dispatcher.join({
      event: (message) => this.#negotiated && this.#send(message),
      end: () => {
        this.close();
        options.end?.();
      },
    });
    this.#send(JsonObject.from({ QMP: { version: versionInfo(port), capabilities: CAPABILITIES } }));
  }

  get isNegotiated(): boolean {
    return this.#negotiated;
  }

  receive(piece: string | Uint8Array): boolean {
    if (this.#closed) return true;
    this.#pieces.push(typeof piece === "string" ? encodeUtf8(piece) : piece);
    this.#read();
    return this.#idle;
  }

  drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces.length = 0;
    this.#leave();
  }

  get #idle(): boolean {
    return !this.#running && !this.#blocked;
  }

  #resume(): void {
    this.#read();
    if (this.#idle && !this.#closed) this.#options.ready?.();
  }

  /** Reads one command after another, until one has to be waited for. */
  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (let piece = this.#pieces[0]; piece !== undefined && this.#idle; piece = this.#pieces[0])
        this.#readOne(piece);
    } finally {
      this.#reading = false;
    }
  }

  #readOne(piece: Uint8Array): void {
    const { next, message } = this.#stream.read(piece, this.#at);
    this.#at = next;
    if (next === piece.length) {
      this.#pieces.shift();
      this.#at = 0;
    }
    if (message !== undefined) this.#dispatch(message);
  }

  #dispatch(message: JsonMessage): void {
    this.#running = true;
    let atOnce = true;
    const job = (): void | Promise<void> => {
      if (this.#closed) return undefined;
      const answer = this.#answer(message);
      if (answer instanceof Promise) return answer.then((line) => this.#finish(line, atOnce));
      return this.#finish(answer, atOnce);
    };
    if (BESIDE_OTHERS.has(nameOfRequest(message) ?? "")) this.#dispatcher.runBeside(job);
    else this.#dispatcher.run(job);
    atOnce = false;
  }

  #finish(answer: JsonObject, atOnce: boolean): void {
    this.#running = false;
    this.#send(answer);
    if (!atOnce) this.#resume();
  }

  /** The answer to one message; it always comes to one. */
  #answer(message: JsonMessage): Awaitable<JsonObject> {
    if (!message.ok) return errorAnswer(undefined, { class: "GenericError", desc: message.error });
    const id = message.value instanceof JsonObject ? message.value.get("id") : undefined;
    const fail = (error: unknown): JsonObject => errorAnswer(id, this.#explain(error));
    try {
      const value = this.#execute(message.value);
      if (value instanceof Promise) return value.then((plain) => returnAnswer(id, plain)).catch(fail);
      return returnAnswer(id, value);
    } catch (error) {
      return fail(error);
    }
  }

  #execute(value: JsonValue): Awaitable<PlainValue> {
    const { name, outOfBand, arguments: args } = readRequest(value, this.#oobEnabled);
    const command = (this.#negotiated ? this.#commands : NEGOTIATION_COMMANDS).get(name);
    if (command === undefined) {
      const desc = this.#negotiated
        ? `The command ${name} has not been found`
        : "Expecting capabilities negotiation with 'qmp_capabilities'";
      throw new CommandError(desc, "CommandNotFound");
    }
    if (outOfBand) throw new CommandError(`The command ${name} does not support OOB`);
    return command(args, this.#context());
  }

  #context(): CommandContext {
    return {
      port: this.#dispatcher.port,
      commandNames: [...this.#commands.keys()],
      negotiate: (enabled) => {
        if (this.#negotiated) return false;
        this.#negotiated = true;
        this.#oobEnabled = enabled.includes("oob");
        return true;
      },
      shutdown: () => this.#dispatcher.shutdown(),
      takeDeviceNumber: () => this.#dispatcher.takeDeviceNumber(),
    };
  }

  /** The error of an answer: a refusal, or the admission of a bug. */
  #explain(error: unknown): QmpError {
    if (error instanceof CommandError) return error;
    if (this.#options.onBug === undefined) {
      queueMicrotask(() => {
        throw error;
      });
    } else this.#options.onBug(error);
    const reason = error instanceof Error ? error.message : String(error);
    return { class: "GenericError", desc: `memhp: internal error: ${reason}` };
  }

  #send(message: JsonObject): void {
    if (!this.#closed && this.#options.send(`${printJson(message)}\r\n`) === false) this.#blocked = true;
  }
}

function returnAnswer(id: JsonValue | undefined, value: PlainValue): JsonObject {
  const answer = JsonObject.from({ return: value });
  if (id !== undefined) answer.set("id", id);
  return answer;
}

function errorAnswer(id: JsonValue | undefined, { class: errorClass, desc }: QmpError): JsonObject {
  const answer = new JsonObject();
  answer.set("error", jsonValue({ class: errorClass, desc }));
  if (id !== undefined) answer.set("id", id);
  return answer;
}

import type { TerminalText } from "../host/terminal.ts";
import { apiProtocols } from "./server-address.ts";
import { eventsAddress, type Served } from "./served-machines.ts";

/** An answer of the server's API to a line. */
interface Told {
  readonly type: string;
  readonly id?: number;
  readonly prompt?: string;
  readonly texts?: readonly TerminalText[];
  readonly candidates?: string[];
  readonly part?: string;
  readonly error?: string;
}

const MOST_TEXTS = 1000;

/** Lines typed at a machine of the server: they act there, for all who see it, and complete from its files. */
export class ServedTerminal {
  readonly machine: Served;
  texts: readonly TerminalText[] = [];
  /** Number of the first text among all that there were. */
  first = 0;
  prompt = "#";
  /** Somebody types here; what is drawn anew because the machine changed gets the keyboard back. */
  isTyping = false;
  readonly #socket: WebSocket;
  readonly #tell: () => void;
  readonly #waiting = new Map<number, (told: Told) => void>();
  readonly #opened: Promise<void>;
  #number = 0;

  constructor(machine: Served, tell: () => void) {
    this.machine = machine;
    this.#tell = tell;
    this.#socket = new WebSocket(eventsAddress(machine.id), apiProtocols());
    this.#opened = new Promise((opened) => this.#socket.addEventListener("open", () => opened()));
    this.#socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const told = JSON.parse(data) as Told;
      if (told.id === undefined) return;
      this.#waiting.get(told.id)?.(told);
      this.#waiting.delete(told.id);
    });
    this.#socket.addEventListener("close", () => {
      for (const answer of this.#waiting.values()) answer({ type: "error", error: "the server is gone" });
      this.#waiting.clear();
    });
    void this.complete("");
  }

  async line(line: string): Promise<void> {
    this.#add([{ kind: "typed", text: `${this.prompt}${line}` }]);
    const { prompt = this.prompt, texts = [], error } = await this.#ask({ type: "line", line });
    this.prompt = prompt;
    this.#add(error === undefined ? texts : [{ kind: "wrong", text: error }]);
  }

  async complete(line: string): Promise<[candidates: string[], part: string]> {
    const { prompt = this.prompt, candidates = [], part = "" } = await this.#ask({ type: "complete", line });
    this.prompt = prompt;
    this.#tell();
    return [candidates, part];
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(message: object): Promise<Told> {
    if (this.#socket.readyState > WebSocket.OPEN) return { type: "error", error: "the server is gone" };
    const id = ++this.#number;
    const answer = new Promise<Told>((resolve) => this.#waiting.set(id, resolve));
    const send = (): void => this.#socket.send(JSON.stringify({ ...message, id }));
    if (this.#socket.readyState === WebSocket.OPEN) send();
    else void this.#opened.then(send);
    return answer;
  }

  #add(more: readonly TerminalText[]): void {
    const all = [...this.texts, ...more.filter(({ text }) => text !== "")];
    this.texts = all.slice(-MOST_TEXTS);
    this.first += all.length - this.texts.length;
    this.#tell();
  }
}

/** A request to agent/agent.c: a word and its operands. Texts have one character for each byte. */
export type AgentRequest =
  | { readonly command: "read"; readonly path: string }
  | { readonly command: "write"; readonly path: string; readonly data: string; readonly timeoutMs: number }
  | { readonly command: "scan"; readonly path: string; readonly depth: number }
  | { readonly command: "uevents" | "log" }
  | { readonly command: "insmod"; readonly path: string; readonly arguments: string };

/** What the agent answered: its lines `+ …` and the words of its last line `= …`. */
export interface AgentAnswer {
  readonly lines: readonly string[];
  readonly words: readonly string[];
}

/** The agent said something that the protocol does not have. */
export class AgentProtocolError extends Error {
  override readonly name = "AgentProtocolError";
}

export function encodeRequest(request: AgentRequest): string {
  const operands: readonly string[] = operandsOf(request);
  return `${[request.command, ...operands.map(toHex)].join(" ")}\n`;
}

function operandsOf(request: AgentRequest): string[] {
  switch (request.command) {
    case "read":
      return [request.path];
    case "write":
      return [request.path, request.data, String(request.timeoutMs)];
    case "scan":
      return [request.path, String(request.depth)];
    case "insmod":
      return [request.path, request.arguments];
    case "uevents":
    case "log":
      break;
  }
  return [];
}

/** Puts bytes of the channel together to answers. */
export class AnswerReader {
  #rest = "";
  #lines: string[] = [];

  /** @returns the answers that these bytes complete. */
  push(bytes: string): AgentAnswer[] {
    const lines = (this.#rest + bytes).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): AgentAnswer[] {
    const words = line.split(" ");
    if (words[0] === "+") {
      this.#lines.push(line.slice(2));
      return [];
    }
    // Its first line; it has no request.
    if (line === "ready") return [{ lines: [], words: ["ready"] }];
    if (words[0] !== "=") throw new AgentProtocolError(`the agent said ${JSON.stringify(line.slice(0, 200))}`);
    const answer = { lines: this.#lines, words: words.slice(1) };
    this.#lines = [];
    return [answer];
  }
}

/** One entry of a `scan`. */
export interface ScannedEntry {
  readonly path: string;
  readonly kind: "file" | "dir" | "link";
  /** Octal, without leading zero. */
  readonly mode: string;
  /** Of a file: 0 or why it could not be read. */
  readonly errno: string | 0;
  /** A file's contents, a link's target. */
  readonly text: string;
}

export function decodeEntry(line: string): ScannedEntry {
  const [kind, mode = "0", path = "-", ...rest] = line.split(" ");
  const named = { mode, path: fromHex(path) };
  if (kind === "d") return { ...named, kind: "dir", errno: 0, text: "" };
  if (kind === "l") return { ...named, kind: "link", errno: 0, text: fromHex(rest[0] ?? "-") };
  if (kind === "f") return { ...named, kind: "file", errno: errnoField(rest[0]), text: fromHex(rest[1] ?? "-") };
  throw new AgentProtocolError(`unknown entry ${JSON.stringify(line.slice(0, 200))}`);
}

/** An errno of an answer: 0, or its name. */
export function errnoField(word: string | undefined): string | 0 {
  return word === undefined || word === "0" ? 0 : word;
}

export function toHex(text: string): string {
  return text === "" ? "-" : Buffer.from(text, "latin1").toString("hex");
}

export function fromHex(word: string): string {
  if (word === "-") return "";
  if (!/^(?:[0-9a-f]{2})+$/.test(word)) throw new AgentProtocolError(`no hex: ${JSON.stringify(word.slice(0, 80))}`);
  return Buffer.from(word, "hex").toString("latin1");
}

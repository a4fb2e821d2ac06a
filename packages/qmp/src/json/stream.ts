import { Lexer, type TokenSink, type TokenType } from "./lexer.ts";
import type { JsonMessage } from "./message.ts";
import { parseTokens, type Tokens } from "./parser.ts";
import { decodeLenient } from "./utf8.ts";

/** What one client may make the parser hold. */
export interface JsonLimits {
  /** Bytes of one token, and of all tokens of one message. */
  readonly tokenBytes: number;
  readonly tokens: number;
  /** Open brackets and braces. */
  readonly nesting: number;
}

/** QEMU's limits (qobject/json-streamer.c). */
export const QEMU_LIMITS: JsonLimits = { tokenBytes: 64 * 1024 * 1024, tokens: 2 * 1024 * 1024, nesting: 1024 };

/** How much of a stray token is told. QEMU tells all of it, up to 64 MiB. */
const MAX_STRAY_BYTES = 64 * 1024;
/** Room that an idle parser keeps. */
const IDLE_BYTES = 4096;

/**
 * A sequence of JSON values out of pieces of bytes. A value ends where its last bracket closes, so no newline is needed;
 * a number or a keyword outside brackets ends with the byte after it.
 */
export class JsonStream implements TokenSink {
  readonly #limits: JsonLimits;
  readonly #lexer: Lexer;
  /** Bytes of the finished tokens of this message, then of the token that is being read. */
  #bytes = new Uint8Array(IDLE_BYTES);
  #used = 0;
  #types: TokenType[] = [];
  #ends: number[] = [];
  #braces = 0;
  #brackets = 0;
  #message: JsonMessage | undefined;

  constructor(limits: JsonLimits = QEMU_LIMITS) {
    this.#limits = limits;
    this.#lexer = new Lexer(this, limits.tokenBytes);
  }

  /** Reads from `at` up to the end of the next message, or of the bytes; says where it stopped. */
  read(bytes: Uint8Array, at: number): { next: number; message: JsonMessage | undefined } {
    this.#message = undefined;
    const next = this.#lexer.read(bytes, at, () => this.#message !== undefined);
    return { next, message: this.#message };
  }

  /** Bytes held for a message that has not ended. */
  get heldBytes(): number {
    return this.#bytes.length;
  }

  get #finished(): number {
    return this.#ends.at(-1) ?? 0;
  }

  get length(): number {
    return this.#used - this.#finished;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#used + end - start;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    if (end - start === 1) this.#bytes[this.#used] = bytes[start] ?? 0;
    else this.#bytes.set(bytes.subarray(start, end), this.#used);
    this.#used = needed;
  }

  token(type: TokenType): void {
    if (type === "{") this.#braces++;
    else if (type === "}") this.#braces--;
    else if (type === "[") this.#brackets++;
    else if (type === "]") this.#brackets--;
    const excess = this.#excess();
    if (excess !== undefined) return this.#emit({ ok: false, error: excess });
    this.#types.push(type);
    this.#ends.push(this.#used);
    const open = (this.#braces > 0 || this.#brackets > 0) && this.#braces >= 0 && this.#brackets >= 0;
    if (!open) this.#emit(parseTokens(this.#tokens()));
  }

  stray(): void {
    const end = Math.min(this.#used, this.#finished + MAX_STRAY_BYTES);
    const text = decodeLenient(this.#bytes.subarray(this.#finished, end));
    this.#emit({ ok: false, error: `JSON parse error, stray '${text}'` });
  }

  tooLong(): void {
    this.#emit({ ok: false, error: "JSON token size limit exceeded" });
  }

  #excess(): string | undefined {
    if (this.#used + 1 > this.#limits.tokenBytes) return "JSON token size limit exceeded";
    if (this.#types.length + 1 > this.#limits.tokens) return "JSON token count limit exceeded";
    if (this.#brackets + this.#braces > this.#limits.nesting) return "JSON nesting depth limit exceeded";
    return undefined;
  }

  #tokens(): Tokens {
    return { bytes: this.#bytes, types: this.#types, ends: this.#ends };
  }

  #emit(message: JsonMessage): void {
    this.#braces = 0;
    this.#brackets = 0;
    this.#types = [];
    this.#ends = [];
    this.#used = 0;
    if (this.#bytes.length > IDLE_BYTES) this.#bytes = new Uint8Array(IDLE_BYTES);
    this.#message = message;
  }
}

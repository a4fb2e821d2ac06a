/** What the lexer finds. */
export type TokenType = "{" | "}" | "[" | "]" | ":" | "," | "integer" | "float" | "keyword" | "string";

/** Receives the bytes of a token one stretch after another, then its end. */
export interface TokenSink {
  /** Bytes of the token that is being read. */
  append(bytes: Uint8Array, start: number, end: number): void;
  /** Length of the token that is being read. */
  readonly length: number;
  token(type: TokenType): void;
  /** What was read is no token. */
  stray(): void;
  /** The token is longer than a token may be. */
  tooLong(): void;
}

type State =
  | "start"
  | "recovery"
  | "dq"
  | "dqEscape"
  | "sq"
  | "sqEscape"
  | "sign"
  | "zero"
  | "digits"
  | "mantissa"
  | "mantissaDigits"
  | "exp"
  | "expSign"
  | "expDigits"
  | "keyword";

const code = (char: string): number => char.charCodeAt(0);
const DOUBLE = code('"');
const SINGLE = code("'");
const BACKSLASH = code("\\");
const MINUS = code("-");
const PLUS = code("+");
const DOT = code(".");
const TAB = 0x09;
const STRUCTURAL = new Map<number, TokenType>(
  (["{", "}", "[", "]", ":", ","] as const).map((char) => [code(char), char]),
);

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isLower = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;
const isExponent = (byte: number): boolean => byte === 0x65 || byte === 0x45;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
const isStringByte = (byte: number): boolean => byte >= 0x20 && byte <= 0xfd;
/** Control characters but the tab, FE, FF and the structural characters end the skipping after a stray character. */
const endsRecovery = (byte: number): boolean => byte !== TAB && (!isStringByte(byte) || STRUCTURAL.has(byte));

/**
 * QEMU's JSON lexer: RFC 8259 over bytes, plus strings in single quotes. A stray byte is reported with the token that it
 * spoils; what follows is skipped up to the next byte at which a client can start anew. Keywords and escape
 * sequences are not judged here.
 */
export class Lexer {
  readonly #sink: TokenSink;
  readonly #maxTokenBytes: number;
  #state: State = "start";

  constructor(sink: TokenSink, maxTokenBytes: number) {
    this.#sink = sink;
    this.#maxTokenBytes = maxTokenBytes;
  }

  /** Reads from `at` until `enough` says so, or the bytes end; returns where it stopped. */
  read(bytes: Uint8Array, at: number, enough: () => boolean): number {
    let i = at;
    while (i < bytes.length && !enough()) i = this.#step(bytes, i);
    return i;
  }

  /** One transition: takes one or more bytes, or none where the byte belongs to the next token. */
  #step(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    switch (this.#state) {
      case "start":
        return this.#start(bytes, at, byte);
      case "recovery":
        if (!endsRecovery(byte)) return at + 1;
        this.#state = "start";
        return at;
      case "dq":
        return this.#string(bytes, at, DOUBLE, "dqEscape");
      case "sq":
        return this.#string(bytes, at, SINGLE, "sqEscape");
      case "dqEscape":
        return this.#go(isStringByte(byte) && "dq", bytes, at);
      case "sqEscape":
        return this.#go(isStringByte(byte) && "sq", bytes, at);
      case "sign":
        return this.#go(isDigit(byte) && (byte === 0x30 ? "zero" : "digits"), bytes, at);
      case "zero":
        if (isDigit(byte)) return this.#go(false, bytes, at);
        return byte === DOT ? this.#go("mantissa", bytes, at) : this.#end("integer", at);
      case "digits":
        if (isDigit(byte)) return this.#go("digits", bytes, at);
        if (isExponent(byte)) return this.#go("exp", bytes, at);
        return byte === DOT ? this.#go("mantissa", bytes, at) : this.#end("integer", at);
      case "mantissa":
        return this.#go(isDigit(byte) && "mantissaDigits", bytes, at);
      case "mantissaDigits":
        if (isExponent(byte)) return this.#go("exp", bytes, at);
        return isDigit(byte) ? this.#go("mantissaDigits", bytes, at) : this.#end("float", at);
      case "exp":
        if (byte === PLUS || byte === MINUS) return this.#go("expSign", bytes, at);
        return this.#go(isDigit(byte) && "expDigits", bytes, at);
      case "expSign":
        return this.#go(isDigit(byte) && "expDigits", bytes, at);
      case "expDigits":
        return isDigit(byte) ? this.#go("expDigits", bytes, at) : this.#end("float", at);
      case "keyword":
        break;
    }
    return this.#keyword(bytes, at);
  }

  #start(bytes: Uint8Array, at: number, byte: number): number {
    if (isSpace(byte)) return at + 1;
    const structural = STRUCTURAL.get(byte);
    if (structural !== undefined) {
      this.#sink.append(bytes, at, at + 1);
      return this.#end(structural, at + 1);
    }
    if (byte === DOUBLE) return this.#go("dq", bytes, at);
    if (byte === SINGLE) return this.#go("sq", bytes, at);
    if (byte === MINUS) return this.#go("sign", bytes, at);
    if (isDigit(byte)) return this.#go(byte === 0x30 ? "zero" : "digits", bytes, at);
    return this.#go(isLower(byte) && "keyword", bytes, at);
  }

  /** The byte belongs to the token; `false` says that it spoils it. */
  #go(next: State | false, bytes: Uint8Array, at: number): number {
    this.#sink.append(bytes, at, at + 1);
    if (next === false) {
      this.#sink.stray();
      this.#state = "recovery";
    } else {
      this.#state = next;
      this.#guardLength();
    }
    return at + 1;
  }

  #end(type: TokenType, next: number): number {
    this.#state = "start";
    this.#sink.token(type);
    return next;
  }

  #string(bytes: Uint8Array, at: number, quote: number, escape: State): number {
    const end = endOfPlain(bytes, at, this.#most(bytes, at), quote);
    if (end > at) return this.#stretch(bytes, at, end);
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH) return this.#go(escape, bytes, at);
    if (byte !== quote) return this.#go(false, bytes, at);
    this.#sink.append(bytes, at, at + 1);
    return this.#end("string", at + 1);
  }

  #keyword(bytes: Uint8Array, at: number): number {
    const end = endOfLower(bytes, at, this.#most(bytes, at));
    return end > at ? this.#stretch(bytes, at, end) : this.#end("keyword", at);
  }

  /** How far a token may be read: one byte more than the limit shows that the limit is passed. */
  #most(bytes: Uint8Array, at: number): number {
    return Math.min(bytes.length, at + this.#maxTokenBytes + 1 - this.#sink.length);
  }

  #stretch(bytes: Uint8Array, at: number, end: number): number {
    this.#sink.append(bytes, at, end);
    this.#guardLength();
    return end;
  }

  #guardLength(): void {
    if (this.#sink.length <= this.#maxTokenBytes) return;
    this.#sink.tooLong();
    this.#state = "start";
  }
}

// The ordinary bytes of a string, and letters, in one go: they are what a hostile client sends by the megabyte.

function endOfPlain(bytes: Uint8Array, at: number, most: number, quote: number): number {
  let end = at;
  for (; end < most; end++) {
    const byte = bytes[end] ?? 0;
    if (byte < 0x20 || byte > 0xfd || byte === quote || byte === BACKSLASH) break;
  }
  return end;
}

function endOfLower(bytes: Uint8Array, at: number, most: number): number {
  let end = at;
  while (end < most && isLower(bytes[end] ?? 0)) end++;
  return end;
}

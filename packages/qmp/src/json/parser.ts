import type { TokenType } from "./lexer.ts";
import type { JsonMessage } from "./message.ts";
import { JsonParseError } from "./parse-error.ts";
import { decodeString } from "./string-token.ts";
import { asciiText } from "./utf8.ts";
import { JsonDouble, JsonObject, type JsonValue } from "./value.ts";

/** Tokens of one message: token i is of type `types[i]` and ends before byte `ends[i]`, where the next begins. */
export interface Tokens {
  readonly bytes: Uint8Array;
  readonly types: readonly TokenType[];
  readonly ends: readonly number[];
}

/** QEMU formats a parse error into a buffer of 1024 bytes with its NUL. */
const MAX_ERROR = 1023;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** One value out of the tokens of a message. The stream has limited their nesting. */
export function parseTokens(tokens: Tokens): JsonMessage {
  try {
    return { ok: true, value: new Parser(tokens).value() };
  } catch (error) {
    if (!(error instanceof JsonParseError)) throw error;
    return { ok: false, error: `JSON parse error, ${error.message.slice(0, MAX_ERROR)}` };
  }
}

class Parser {
  readonly #tokens: Tokens;
  #at = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  value(): JsonValue {
    const type = this.#tokens.types[this.#at];
    switch (type) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case "string":
        return this.#string();
      case "integer":
        return integer(this.#text());
      case "float":
        return new JsonDouble(Number(this.#text()));
      case "keyword":
        return keyword(this.#text());
      default:
        throw new JsonParseError("expecting value");
    }
  }

  #object(): JsonObject {
    this.#at++;
    const object = new JsonObject();
    if (this.#accept("}")) return object;
    do this.#pair(object);
    while (this.#more("}", "dict"));
    return object;
  }

  #pair(object: JsonObject): void {
    const key = this.value();
    if (typeof key !== "string") throw new JsonParseError("key is not a string in object");
    if (!this.#accept(":")) throw new JsonParseError("missing : in object pair");
    const value = this.value();
    if (object.has(key)) throw new JsonParseError("duplicate key");
    object.set(key, value);
  }

  #array(): JsonValue[] {
    this.#at++;
    const list: JsonValue[] = [];
    if (this.#accept("]")) return list;
    do list.push(this.value());
    while (this.#more("]", "list"));
    return list;
  }

  #more(end: TokenType, what: "dict" | "list"): boolean {
    if (this.#accept(end)) return false;
    if (!this.#accept(",")) throw new JsonParseError(`expected separator in ${what}`);
    return true;
  }

  #accept(type: TokenType): boolean {
    if (this.#tokens.types[this.#at] !== type) return false;
    this.#at++;
    return true;
  }

  #range(): [start: number, end: number] {
    const { ends } = this.#tokens;
    const range: [number, number] = [ends[this.#at - 1] ?? 0, ends[this.#at] ?? 0];
    this.#at++;
    return range;
  }

  #text(): string {
    return asciiText(this.#tokens.bytes, ...this.#range());
  }

  #string(): string {
    return decodeString(this.#tokens.bytes, ...this.#range());
  }
}

/** An integer if 64 bits hold it, signed or unsigned; else a double. */
function integer(text: string): bigint | JsonDouble {
  // 20 characters hold every 64-bit integer; a longer one would cost quadratic time as a bigint.
  if (text.length <= 20) {
    const value = BigInt(text);
    if (value >= INT64_MIN && value <= UINT64_MAX) return value;
  }
  return new JsonDouble(Number(text));
}

function keyword(text: string): boolean | null {
  if (text === "true") return true;
  if (text === "false") return false;
  if (text === "null") return null;
  throw new JsonParseError(`invalid keyword '${text}'`);
}

import { JsonParseError } from "./parse-error.ts";
import { asciiText, codePointAt, decodeLenient, endOfAscii, isValidCodePoint } from "./utf8.ts";

const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The text of a string token, which lies in [start, end) with its quotes. @throws JsonParseError */
export function decodeString(bytes: Uint8Array, start: number, end: number): string {
  const last = end - 1;
  const parts: string[] = [];
  for (let at = start + 1; at < last;) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH) {
      const escape = decodeEscape(bytes, at, end);
      parts.push(escape.text);
      at = escape.next;
    } else if (byte < 0x80) {
      const stop = endOfPlain(bytes, at, last);
      parts.push(asciiText(bytes, at, stop));
      at = stop;
    } else {
      const { code, next } = codePointAt(bytes, at, last);
      if (code === -1) throw new JsonParseError("invalid UTF-8 sequence in string");
      parts.push(String.fromCodePoint(code));
      at = next;
    }
  }
  return parts.join("");
}

function endOfPlain(bytes: Uint8Array, at: number, last: number): number {
  const ascii = endOfAscii(bytes, at, last);
  const backslash = bytes.subarray(at, ascii).indexOf(BACKSLASH);
  return backslash === -1 ? ascii : at + backslash;
}

function decodeEscape(bytes: Uint8Array, at: number, end: number): { text: string; next: number } {
  const char = String.fromCharCode(bytes[at + 1] ?? 0);
  if (char === "u") return decodeUnicode(bytes, at, end);
  const text = ESCAPES[char];
  if (text === undefined) throw new JsonParseError("invalid escape sequence in string");
  return { text, next: at + 2 };
}

/** \uXXXX, or two of them that make a surrogate pair. */
function decodeUnicode(bytes: Uint8Array, at: number, end: number): { text: string; next: number } {
  let code = hex4(bytes, at + 2, end);
  let next = at + 6;
  if (code >= 0xd800 && code <= 0xdbff && bytes[next] === BACKSLASH && bytes[next + 1] === 0x75) {
    const trailing = hex4(bytes, next + 2, end);
    if (trailing >= 0xdc00 && trailing <= 0xdfff) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (trailing & 0x3ff);
      next += 6;
    }
  }
  if (!isValidCodePoint(code)) {
    throw new JsonParseError(
      `${decodeLenient(bytes.subarray(at, Math.min(next, end)))} is not a valid Unicode character`,
    );
  }
  return { text: String.fromCodePoint(code), next };
}

/** -1 where four hexadecimal digits are not. */
function hex4(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1;
  const digits = asciiText(bytes, at, at + 4);
  return /^[0-9a-fA-F]{4}$/u.test(digits) ? Number.parseInt(digits, 16) : -1;
}

const REPLACEMENT = "\uFFFD";
/** Smallest code point that needs 2, 3, … bytes. */
const SMALLEST = [0x80, 0x800, 0x10000, 0x200000, 0x4000000];
/** Bytes per String.fromCharCode call; more arguments overflow some engines' stacks. */
const STRIDE = 8192;

/** UTF-8 of a string; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.codePointAt(i) ?? 0;
    if (code >= 0x10000) i++;
    else if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) bytes[length++] = code;
    else {
      if (code < 0x800) bytes[length++] = 0xc0 | (code >> 6);
      else {
        if (code < 0x10000) bytes[length++] = 0xe0 | (code >> 12);
        else {
          bytes[length++] = 0xf0 | (code >> 18);
          bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
        }
        bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
      }
      bytes[length++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/** Unicode scalar values without the noncharacters, which QEMU refuses (util/unicode.c). */
export function isValidCodePoint(code: number): boolean {
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  return !(code >= 0xfdd0 && code <= 0xfdef) && (code & 0xfffe) !== 0xfffe;
}

/**
 * One code point of modified UTF-8 at `at`, and where the next begins. -1 is an invalid sequence.
 * NUL may be written as C0 80, as QEMU's strings have it.
 */
export function codePointAt(bytes: Uint8Array, at: number, end: number): { code: number; next: number } {
  const first = bytes[at] ?? 0;
  let next = at + 1;
  if (first < 0x80) return { code: first, next };
  if (first >= 0xfe || (first & 0x40) === 0) return { code: -1, next };
  let length = 2;
  while (first & (0x80 >> length)) length++;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = next < end ? (bytes[next] ?? 0) : 0;
    if ((byte & 0xc0) !== 0x80) return { code: -1, next };
    next++;
    code = code * 64 + (byte & 0x3f);
  }
  const overlong = code < (SMALLEST[length - 2] ?? 0) && !(code === 0 && length === 2);
  return { code: overlong || !isValidCodePoint(code) ? -1 : code, next };
}

/** Text of bytes, each invalid sequence as U+FFFD; it ends at the first NUL, as QEMU's messages do. */
export function decodeLenient(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  const end = nul === -1 ? bytes.length : nul;
  const parts: string[] = [];
  for (let at = 0; at < end;) {
    const plain = endOfAscii(bytes, at, end);
    if (plain > at) {
      parts.push(asciiText(bytes, at, plain));
      at = plain;
      continue;
    }
    const { code, next } = codePointAt(bytes, at, end);
    parts.push(code === -1 ? REPLACEMENT : String.fromCodePoint(code));
    at = next;
  }
  return parts.join("");
}

/** The first byte in [at, end) that is not ASCII, or end. */
export function endOfAscii(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (bytes[i] ?? 0) < 0x80) i++;
  return i;
}

/** Text of bytes that are all ASCII. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= STRIDE) return charactersOf(bytes.subarray(start, end));
  const parts: string[] = [];
  for (let at = start; at < end; at += STRIDE) parts.push(charactersOf(bytes.subarray(at, Math.min(at + STRIDE, end))));
  return parts.join("");
}

/** As arguments by `apply`: spreading a typed array walks its iterator, ten times slower. */
function charactersOf(bytes: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}

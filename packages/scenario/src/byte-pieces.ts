/** Pieces of this length are worth a write. */
const PIECE = 1 << 18;
/** Most bytes of a whole number. */
const DIGITS = 16;
const ZERO = 48;

const encoder = new TextEncoder();

/** The bytes of a text, UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Text as bytes, handed on in large pieces. What is written often comes as bytes that somebody keeps, and as numbers: a string of it would be
 * built, put together and encoded anew each time.
 */
export class BytePieces {
  readonly #out: (bytes: Uint8Array) => void;
  readonly #room = new Uint8Array(PIECE);
  #length = 0;

  /** @param out is given bytes that are written over when it has returned */
  constructor(out: (bytes: Uint8Array) => void) {
    this.#out = out;
  }

  bytes(bytes: Uint8Array): void {
    if (this.#length + bytes.length > PIECE) {
      this.flush();
      if (bytes.length > PIECE) return this.#out(bytes);
    }
    this.#room.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(text: string): void {
    for (let rest = text; rest !== "";) {
      const { read, written } = encoder.encodeInto(rest, this.#room.subarray(this.#length));
      this.#length += written;
      if (read === rest.length) return;
      this.flush();
      rest = rest.slice(read);
    }
  }

  number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) return this.text(String(value));
    if (this.#length + DIGITS > PIECE) this.flush();
    let end = this.#length + 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
    const room = this.#room;
    let rest = value;
    for (let at = end - 1; at >= this.#length; at--) {
      const tens = Math.floor(rest / 10);
      room[at] = ZERO + (rest - 10 * tens);
      rest = tens;
    }
    this.#length = end;
  }

  /** Hands on what has been written. */
  flush(): void {
    if (this.#length === 0) return;
    const length = this.#length;
    this.#length = 0;
    this.#out(this.#room.subarray(0, length));
  }
}

import { CaptureError } from "./capture-error.ts";
import type { CaptureBuilder, FileSink } from "./capture-builder.ts";

const BLOCK = 512;
/** Of a path or link that stands in an entry of its own. */
const LONGEST_NAME = 8192;

interface Header {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
  readonly link: string;
}

type Body =
  | { readonly kind: "file"; readonly sink: FileSink }
  | { readonly kind: "skip" }
  | { readonly kind: "words"; readonly type: string; readonly bytes: number[] };

/** Reads a tar archive (ustar, GNU long names, pax paths) chunk by chunk into a capture. */
export class TarReader {
  readonly #name: string;
  readonly #into: CaptureBuilder;
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;
  #offset = 0;
  #body: Body | undefined;
  #left = 0;
  #padding = 0;
  #zeros = 0;
  #longName: string | undefined;
  #longLink: string | undefined;
  #paxSize: number | undefined;

  constructor(name: string, into: CaptureBuilder) {
    this.#name = name;
    this.#into = into;
  }

  /** @throws CaptureError */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      // What follows the end mark is padding of the last record.
      if (this.#zeros === 2) return;
      if (this.#body !== undefined && this.#left > 0) at += this.#takeBody(chunk.subarray(at, at + this.#left));
      else if (this.#padding > 0) at += this.#takePadding(chunk.length - at);
      else at += this.#takeHeader(chunk.subarray(at, at + BLOCK - this.#filled));
    }
  }

  /** @throws CaptureError where the archive ends before its end mark. */
  finish(): void {
    if (this.#zeros === 0)
      throw new CaptureError(`${this.#name}: the archive ends too early, at byte ${this.#offset}; copy it again`);
  }

  #takeBody(part: Uint8Array): number {
    const body = this.#body as Body;
    if (body.kind === "file") body.sink.push(part);
    else if (body.kind === "words") for (const byte of part) body.bytes.push(byte);
    this.#left -= part.length;
    this.#offset += part.length;
    if (this.#left === 0) this.#endBody();
    return part.length;
  }

  #takePadding(available: number): number {
    const skipped = Math.min(this.#padding, available);
    this.#padding -= skipped;
    this.#offset += skipped;
    return skipped;
  }

  #takeHeader(part: Uint8Array): number {
    this.#block.set(part, this.#filled);
    this.#filled += part.length;
    this.#offset += part.length;
    if (this.#filled < BLOCK) return part.length;
    this.#filled = 0;
    if (this.#block.every((byte) => byte === 0)) this.#zeros++;
    else this.#begin(this.#header());
    return part.length;
  }

  #begin({ name, mode, size, type, link }: Header): void {
    const path = this.#longName ?? name;
    const target = this.#longLink ?? link;
    const bytes = this.#paxSize ?? size;
    this.#zeros = 0;
    this.#left = bytes;
    this.#padding = (BLOCK - (bytes % BLOCK)) % BLOCK;
    if ("xgLK".includes(type)) {
      if (bytes > LONGEST_NAME) throw this.#damaged(`a name of ${bytes} bytes`);
      this.#body = { kind: "words", type, bytes: [] };
    } else {
      this.#longName = undefined;
      this.#longLink = undefined;
      this.#paxSize = undefined;
      this.#body = this.#entry(path, mode, type, target);
    }
    if (this.#left === 0) this.#endBody();
  }

  #entry(path: string, mode: number, type: string, target: string): Body {
    if (type === "0" || type === "\0" || type === "7") return { kind: "file", sink: this.#into.file(path, mode) };
    if (type === "5") this.#into.directory(path, mode);
    else if (type === "2") this.#into.link(path, target);
    else
      this.#into.warn(
        `an entry of type ${JSON.stringify(type)} was left out; only files, folders and symbolic links are read`,
      );
    return { kind: "skip" };
  }

  #endBody(): void {
    const body = this.#body;
    this.#body = undefined;
    if (body?.kind === "file") body.sink.end();
    if (body?.kind !== "words") return;
    const text = new TextDecoder().decode(Uint8Array.from(body.bytes));
    if (body.type === "L") this.#longName = untilZero(text);
    else if (body.type === "K") this.#longLink = untilZero(text);
    else if (body.type === "x") this.#takePax(text);
  }

  /** Records `length key=value`, of which a few count. */
  #takePax(text: string): void {
    for (const line of text.split("\n")) {
      const match = /^\d+ (path|linkpath|size)=(.*)$/.exec(line);
      if (match?.[1] === "path") this.#longName = match[2];
      else if (match?.[1] === "linkpath") this.#longLink = match[2];
      else if (match?.[1] === "size") this.#paxSize = this.#size(Number(match[2]));
    }
  }

  #header(): Header {
    const block = this.#block;
    const sum = octal(block, 148, 8);
    let actual = 8 * 32;
    for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) actual += block[at] as number;
    if (sum !== actual) throw this.#damaged("no header of an entry");
    const prefix = ascii(block, 257, 5) === "ustar" && block[262] === 0 ? ascii(block, 345, 155) : "";
    const name = ascii(block, 0, 100);
    return {
      name: prefix === "" ? name : `${prefix}/${name}`,
      mode: octal(block, 100, 8) & 0o7777,
      size: this.#size(((block[124] as number) & 0x80) === 0 ? octal(block, 124, 12) : binary(block, 125, 11)),
      type: String.fromCharCode(block[156] as number),
      link: ascii(block, 157, 100),
    };
  }

  #size(bytes: number): number {
    if (!(Number.isSafeInteger(bytes) && bytes >= 0)) throw this.#damaged("an entry without a size");
    return bytes;
  }

  #damaged(what: string): CaptureError {
    return new CaptureError(
      `${this.#name}: ${what} at byte ${this.#offset - BLOCK}; this is no tar archive, or it is damaged`,
    );
  }
}

function ascii(block: Uint8Array, at: number, length: number): string {
  return untilZero(new TextDecoder().decode(block.subarray(at, at + length)));
}

function untilZero(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

function octal(block: Uint8Array, at: number, length: number): number {
  const text = ascii(block, at, length).trim();
  return text === "" ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function binary(block: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = at; index < at + length; index++) value = value * 256 + (block[index] as number);
  return value;
}

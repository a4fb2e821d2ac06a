import { Decompress } from "fzstd";
import { CaptureError } from "./capture-error.ts";

/** What an archive may unpack to. */
const MOST_BYTES = 6 * 2 ** 30;
/** A block of a few bytes may stand for 128 KiB. */
const ZSTD_STEP = 1024;
/** Zstandard keeps this much of what it unpacked; --long archives of more are refused. */
const WIDEST_WINDOW = 2 ** 27;

export type Packing = "gzip" | "zstd" | "none";

/** Packings that are not read, by their first bytes. */
const unread: readonly (readonly [name: string, tool: string, start: readonly number[]])[] = [
  ["bzip2", "bunzip2", [0x42, 0x5a, 0x68]],
  ["xz", "unxz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zip", "unzip", [0x50, 0x4b, 0x03, 0x04]],
];

/** How a file is packed, by its first bytes. @throws CaptureError for a packing that is not read */
export function packingOf(name: string, start: Uint8Array): Packing {
  for (const [packing, tool, magic] of unread)
    if (magic.every((byte, at) => start[at] === byte))
      throw new CaptureError(`${name}: packed with ${packing}; tar, gzip and Zstandard are read, so ${tool} it first`);
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  return start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd ? "zstd" : "none";
}

/** Unpacks gzip or Zstandard; anything else is passed on. @throws CaptureError for damage, and for what unpacks to too much. */
export async function* unpack(name: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { start, all } = await peek(chunks);
  const packing = packingOf(name, start);
  const unpacked = packing === "gzip" ? gunzip(all) : packing === "zstd" ? unzstd(name, start, all) : all;
  yield* bounded(name, unpacked);
}

/** Stops at what no capture unpacks to. @throws CaptureError */
export async function* bounded(name: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new CaptureError(`${name}: unpacks to more than ${MOST_BYTES} bytes`);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof CaptureError ? error : damaged(name, error);
  }
}

async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly start: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const reader = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < 18) {
    const { value, done } = await reader.next();
    if (done === true) break;
    first.push(value);
    length += value.length;
  }
  const start = new Uint8Array(length);
  let at = 0;
  for (const chunk of first) {
    start.set(chunk, at);
    at += chunk.length;
  }
  async function* all(): AsyncIterable<Uint8Array> {
    yield start;
    for (;;) {
      const { value, done } = await reader.next();
      if (done === true) return;
      yield value;
    }
  }
  return { start, all: all() };
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await source.next();
      if (done === true) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream("gzip")).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function* unzstd(name: string, start: Uint8Array, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (windowOf(start) > WIDEST_WINDOW)
    throw new CaptureError(`${name}: packed with a window of more than ${WIDEST_WINDOW} bytes; pack it without --long`);
  let ready: Uint8Array[] = [];
  let isWhole = false;
  const unpacker = new Decompress((chunk, final) => {
    ready.push(chunk);
    isWhole ||= final === true;
  });
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += ZSTD_STEP) {
      // It keeps what it is given until a block is whole.
      unpacker.push(chunk.slice(at, at + ZSTD_STEP));
      yield* ready;
      ready = [];
    }
  unpacker.push(new Uint8Array(0), true);
  yield* ready;
}

/** Bytes of the window that a frame asks for (RFC 8878 §3.1.1). */
function windowOf(frame: Uint8Array): number {
  const descriptor = frame[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  if (!isSingle) {
    const code = frame[5] ?? 0;
    const base = 2 ** (10 + (code >> 3));
    return base + (base / 8) * (code & 7);
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6] as number;
  let size = 0;
  for (let at = sizeBytes - 1; at >= 0; at--) size = size * 256 + (frame[5 + dictionaryBytes + at] ?? 0);
  return size;
}

function damaged(name: string, error: unknown): CaptureError {
  return new CaptureError(
    `${name}: cannot be unpacked (${error instanceof Error ? error.message : String(error)}); it is damaged or ends too early`,
  );
}

import { knownOptions } from "@memhp/abi";
import { ImageError, type PageStoreImage } from "@memhp/engine";
import { checkFormat } from "./check-format.ts";
import { assertShape } from "./image-shape.ts";
import type { MachineImage } from "./machine-image.ts";

// An image as a file: lines of JSON, compressed by gzip. The first line says what it is and how many lines follow; the
// second is the machine without its pages; then come the pages of each node. So nobody ever holds the whole text.

const MIB = 2 ** 20;

/** What a reader puts up with; bytes after decompression. */
export interface ImageLimits {
  /** Default 1 GiB. */
  readonly totalBytes?: number;
  /** Of one line: the machine, or the pages of one node. Default 256 MiB. */
  readonly lineBytes?: number;
}

/** The file of an image, piece by piece. */
export function encodeImage(image: MachineImage): AsyncGenerator<Uint8Array> {
  const lines = linesOf(image);
  const encoder = new TextEncoder();
  const text = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const line = lines.next();
      if (line.done === true) controller.close();
      else controller.enqueue(encoder.encode(`${line.value}\n`));
    },
  });
  return piecesOf(text.pipeThrough(new CompressionStream("gzip")));
}

function* linesOf({ memory, ...rest }: MachineImage): Generator<string> {
  const { pages, ...nodes } = memory.nodes;
  yield JSON.stringify({ format: rest.format, lines: 1 + pages.length });
  yield JSON.stringify({ ...rest, memory: { ...memory, nodes } });
  for (const store of pages) yield JSON.stringify(store);
}

async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

const LIMITS: Readonly<Record<keyof ImageLimits, true>> = { totalBytes: true, lineBytes: true };

/**
 * Reads the file of an image.
 * @throws ImageError for a file that is none, of another version, damaged, or larger than the limits.
 */
export async function decodeImage(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: ImageLimits = {},
): Promise<MachineImage> {
  knownOptions("decodeImage: limits", limits, LIMITS);
  const lines = unpackedLines(pieces, limits);
  try {
    const header = parse(await nextLine(lines, "it is empty"), "the first line") as {
      readonly format?: unknown;
      readonly lines?: unknown;
    } | null;
    checkFormat(header ?? {});
    const count = header?.lines;
    if (!Number.isSafeInteger(count) || (count as number) < 1) throw damaged("the first line counts no lines");
    const machine = parse(await nextLine(lines), "the machine");
    const pages: PageStoreImage[] = [];
    while (pages.length < (count as number) - 1)
      pages.push(parse(await nextLine(lines), `the pages of node ${pages.length}`) as PageStoreImage);
    if ((await lines.next()).done !== true) throw damaged("lines follow after its end");
    return assertShape(withPages(machine, pages));
  } finally {
    await lines.return(undefined);
  }
}

function withPages(machine: unknown, pages: readonly PageStoreImage[]): unknown {
  if (typeof machine !== "object" || machine === null) throw damaged("the machine cannot be read");
  const { memory, ...rest } = machine as Partial<MachineImage>;
  return { ...rest, memory: { ...memory, nodes: { ...memory?.nodes, pages } } };
}

function damaged(what: string): ImageError {
  return new ImageError("file", `the image is damaged: ${what}`);
}

function parse(line: string, what: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw damaged(`${what} cannot be read`);
  }
}

async function nextLine(lines: AsyncGenerator<string, void>, otherwise = "it ends too early"): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw damaged(otherwise);
  return line.value;
}

async function* unpackedLines(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { totalBytes = 1024 * MIB, lineBytes = 256 * MIB }: ImageLimits,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let waiting: string[] = [];
  let length = 0;
  let total = 0;
  for await (const piece of unpacked(pieces)) {
    total += piece.byteLength;
    if (total > totalBytes) throw new ImageError("file", `the image unpacks to more than ${totalBytes / MIB} MiB`);
    const parts = decoder.decode(piece, { stream: true }).split("\n");
    for (const [i, part] of parts.entries()) {
      waiting.push(part);
      length += part.length;
      if (length > lineBytes) throw new ImageError("file", `a line of the image is longer than ${lineBytes / MIB} MiB`);
      if (i === parts.length - 1) break;
      yield waiting.join("");
      waiting = [];
      length = 0;
    }
  }
  if (length > 0) throw damaged("its last line has no end");
}

/** @throws ImageError where it is not what gzip made, or not all of it. */
async function* unpacked(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = sourceOf(pieces);
  let failure: unknown;
  const unpacking = new ReadableStream<BufferSource>({
    async pull(controller) {
      try {
        const read = await source.next();
        if (read.done === true) controller.close();
        else controller.enqueue(read.value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        failure = error;
        controller.error(error);
      }
    },
  }).pipeThrough(new DecompressionStream("gzip"));
  try {
    yield* piecesOf(unpacking);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    if (failure !== undefined) throw failure;
    throw damaged("it cannot be unpacked");
  }
}

/** The pieces, once the first bytes are those of gzip. */
async function* sourceOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first: number[] | undefined = [];
  for await (const piece of pieces) {
    if (first !== undefined) {
      first.push(...piece.subarray(0, 2 - first.length));
      if (first.length === 2) {
        if (first[0] !== 0x1f || first[1] !== 0x8b) throw new ImageError("file", "is no image of a machine");
        first = undefined;
      }
    }
    yield piece;
  }
  if (first !== undefined) throw new ImageError("file", "is no image of a machine");
}

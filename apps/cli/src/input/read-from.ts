import { constants, gunzipSync } from "node:zlib";
import { UsageError } from "../errors.ts";
import type { ExecuteOptions } from "../execute.ts";
import { ARCHIVE_START, isCapture, startsArchive } from "../explain/capture/is-capture.ts";
import type { Host } from "../host.ts";
import { type CaptureImage, type ImageOptions, readArchiveImage, readCaptureImage } from "./capture-image.ts";
import { describedText, qemuText, readDescribedImage } from "./described-image.ts";
import { fileLabel } from "./read-document.ts";
import { type ImageFile, readImageFile } from "./read-image.ts";

/** What a run starts from, and what is to be said of it first. */
export interface StartingPoint extends ImageFile {
  /** Lines. */
  readonly head: readonly string[];
}

/**
 * An image that `--save` wrote, a captured host, or a machine that something else describes.
 * @param seed of a captured host's machine, unless the options have one
 * @throws InputError; UsageError for options that an image leaves no room for
 */
export async function readFrom(
  file: string,
  options: ExecuteOptions,
  seed: number,
  host: Host,
): Promise<StartingPoint> {
  const seeded = { seed, ...options };
  const from = file === "-" ? await inputOnce(host) : host;
  const read = (await isImage(file, from)) ? undefined : await readOther(file, seeded, from);
  if (read !== undefined) return { file, ...read };
  for (const name of ["kernel", "config", "seed"] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} has no place beside --from: the image has its own`);
  return { ...(await readImageFile(file, from)), head: [] };
}

/** What is no image. */
async function readOther(file: string, options: ImageOptions, host: Host): Promise<CaptureImage | undefined> {
  if (file === "-") return readInput(options, host);
  return (await readHostImage(file, options, host)) ?? qemuText(await host.readInput(file), fileLabel(file), options);
}

/** Standard input: an archive of a captured host, or a text. */
async function readInput(options: ImageOptions, host: Host): Promise<CaptureImage | undefined> {
  const label = fileLabel("-");
  if (startsArchive(await startOf(host, ARCHIVE_START))) return readArchiveImage(label, host.readPieces("-"), options);
  const text = await host.readInput("-");
  return (await describedText(text, label, options)) ?? qemuText(text, label, options);
}

/** First bytes of standard input. */
async function startOf(host: Host, bytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of host.readPieces("-")) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}

/** Standard input comes once, and is looked at more than once. */
async function inputOnce(host: Host): Promise<Host> {
  const pieces: Uint8Array[] = [];
  for await (const piece of host.readPieces("-")) pieces.push(piece);
  return {
    ...host,
    readInput: async () => Buffer.concat(pieces).toString("utf8"),
    async *readPieces() {
      yield* pieces;
    },
  };
}

/**
 * A host that somebody captured, or a machine that something else describes; undefined for any other file.
 * @throws InputError
 */
export async function readHostImage(
  file: string,
  options: ImageOptions,
  host: Host,
): Promise<CaptureImage | undefined> {
  return (await isCapture(file)) ? readCaptureImage(file, options) : readDescribedImage(file, options, host);
}

/** As much as tells an archive from JSON. */
const START_BYTES = 512;

/** Whether a packed file holds JSON, as an image does; both kinds are packed with gzip. */
async function isImage(file: string, host: Host): Promise<boolean> {
  try {
    for await (const piece of host.readPieces(file)) {
      const start = gunzipSync(piece.subarray(0, START_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
      return start.subarray(0, 1).toString() === "{";
    }
  } catch {
    // A directory, or packed otherwise.
  }
  return false;
}

import { access, open, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files that a capture has and a plain tree has not. */
const marks = ["capture.json", "modes.tsv", "kpageflags.runs", "kpageflags.runs.gz"];

/** Whether a path is a captured host: an archive, or a directory with what only a capture has. */
export async function isCapture(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory() ? await hasMarks(path) : await isArchive(path);
  } catch {
    return false;
  }
}

async function hasMarks(directory: string): Promise<boolean> {
  for (const mark of marks)
    for (const place of [mark, join("capture", mark)])
      if (
        await access(join(directory, place)).then(
          () => true,
          () => false,
        )
      )
        return true;
  return false;
}

/** First bytes of packings; those that are not read are told so. */
const packed = ["\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "\xfd7zXZ", "PK\x03\x04"];

/** As much of a file as tells an archive from others. */
export const ARCHIVE_START = 262;

/** Packed, or tar (`ustar` in its first header), by the first bytes. */
export function startsArchive(start: Uint8Array): boolean {
  const text = Buffer.from(start).toString("latin1");
  return packed.some((magic) => text.startsWith(magic)) || text.slice(257, ARCHIVE_START) === "ustar";
}

async function isArchive(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const start = Buffer.alloc(ARCHIVE_START);
    await file.read(start, 0, start.length, 0);
    return startsArchive(start);
  } finally {
    await file.close();
  }
}

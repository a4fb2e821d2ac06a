import { type ArchiveBytes, chunksOf } from "./archive-bytes.ts";
import { CaptureBuilder } from "./capture-builder.ts";
import type { CaptureFiles } from "./capture-files.ts";
import { TarReader } from "./tar.ts";
import { unpack } from "./unpack.ts";

/**
 * Reads a capture from the bytes of an archive: tar, packed with gzip or Zstandard or not at all, in Node and in a browser
 * (`readArchive(file.name, file.stream())`). Nothing is written and no link is followed. `name` is for messages.
 * @throws CaptureError
 */
export async function readArchive(name: string, bytes: ArchiveBytes): Promise<CaptureFiles> {
  return readTar(name, unpack(name, chunksOf(bytes)));
}

/** As `readArchive`, of an archive that is unpacked already. @throws CaptureError */
export async function readTar(name: string, chunks: AsyncIterable<Uint8Array>): Promise<CaptureFiles> {
  const files = new CaptureBuilder(name);
  const reader = new TarReader(name, files);
  for await (const chunk of chunks) reader.push(chunk);
  reader.finish();
  return files.finish();
}

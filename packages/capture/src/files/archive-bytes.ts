/** Bytes of an archive: all of them, as they come, or as a browser gives a dropped file (`file.stream()`). */
export type ArchiveBytes = Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

const CHUNK = 256 * 1024;

/** The bytes in chunks. Not every browser iterates over a stream by itself. */
export async function* chunksOf(bytes: ArchiveBytes): AsyncIterable<Uint8Array> {
  if (bytes instanceof Uint8Array) {
    for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
    return;
  }
  if (!("getReader" in bytes)) {
    yield* bytes;
    return;
  }
  const reader = bytes.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

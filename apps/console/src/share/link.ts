// A scenario in the address of the page: its part behind the `#` goes to no server.

/** Characters of an address that mail and chat carry whole. */
const MOST_CHARACTERS = 8000;
/** A link is a few kilobytes; what unpacks to more was made to fill the memory. */
const MOST_UNPACKED: number = 4 * 2 ** 20;
const NAME = "scenario";

/** What of a link cannot be made or read; a sentence. */
class LinkError extends Error {
  override readonly name = "LinkError";
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const packed = new Blob([bytes as BlobPart]).stream().pipeThrough(stream);
  const reader = packed.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > most) {
      await reader.cancel();
      throw new LinkError(`The link holds more than ${most} bytes, which no link of this page does.`);
    }
    pieces.push(read.value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** @returns an address that opens the scenario. @throws LinkError where it would be too long */
export async function linkOf(scenario: string, page: string): Promise<string> {
  // Without the spaces that are for people.
  const text = new TextEncoder().encode(JSON.stringify(JSON.parse(scenario)));
  const packed = await through(text, new CompressionStream("deflate-raw"), Number.POSITIVE_INFINITY);
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  const link = `${page.replace(/#.*$/s, "")}#${NAME}=${letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  if (link.length <= MOST_CHARACTERS) return link;
  throw new LinkError(
    `A link to it would have ${link.length.toLocaleString("en")} characters; mail and chat carry ${MOST_CHARACTERS.toLocaleString("en")} whole. Send the scenario as a file.`,
  );
}

/** The scenario of a link. @throws LinkError for one that is damaged */
export async function scenarioOf(packed: string): Promise<string> {
  try {
    const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.codePointAt(0) ?? 0);
    return new TextDecoder("utf-8", { fatal: true }).decode(
      await through(bytes, new DecompressionStream("deflate-raw"), MOST_UNPACKED),
    );
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError("The link is damaged: what stands behind its # is no scenario. Was it cut off on its way?", {
      cause: error,
    });
  }
}

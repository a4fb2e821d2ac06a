/** What a file holds: text, or bytes where it is an archive or an image. */
export type Contents = string | Uint8Array;

/** gzip, Zstandard. */
const packed = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
];
/** Where a tar says what it is. */
const USTAR = 257;

/** Reads a file of the person. */
export async function contentsOf(file: File): Promise<Contents> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const begins = (magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  const isTar = new TextDecoder().decode(bytes.subarray(USTAR, USTAR + 5)) === "ustar";
  return packed.some(begins) || isTar ? bytes : new TextDecoder().decode(bytes);
}

/** A host that cannot go on as a machine; the message says what is missing or not understood. */
export class ImageImpossible extends Error {
  override readonly name = "ImageImpossible";
}

/** A part of an image contradicts itself: where, and what is wrong. Nothing was restored from it. */
export class ImageError extends Error {
  override readonly name = "ImageError";

  constructor(where: string, what: string) {
    super(`${where}: ${what}`);
  }
}

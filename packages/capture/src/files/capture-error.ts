/** A capture that cannot be read. The message names the file and the place in it. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

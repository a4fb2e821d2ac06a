import { decodeImage, ImageError, type MachineImage } from "@memhp/machine";
import { InputError } from "../errors.ts";
import type { Host } from "../host.ts";

/** The image that a run starts from, and what messages call it. */
export interface ImageFile {
  readonly image: MachineImage;
  readonly file: string;
}

/** @throws InputError for a file that is no image, a damaged or a newer one */
export async function readImageFile(file: string, host: Host): Promise<ImageFile> {
  try {
    return { image: await decodeImage(host.readPieces(file)), file };
  } catch (error) {
    throw namedImageError(error, file);
  }
}

/** An error of an image as one that names the file; anything else comes back as it is. */
export function namedImageError(error: unknown, file: string): unknown {
  // From a worker it comes as an error of the same name.
  const isOfImage = error instanceof ImageError || (error instanceof Error && error.name === "ImageError");
  return isOfImage ? new InputError(`${file}: ${error.message.replace(/^file: /, "")}`, { cause: error }) : error;
}

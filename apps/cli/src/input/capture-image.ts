import { stat } from "node:fs/promises";
import { CaptureError, hostImage, ImageImpossible, readHost } from "@memhp/capture";
import { readCapture } from "@memhp/capture/node";
import type { MachineImage } from "@memhp/machine";
import { InputError } from "../errors.ts";

/** Whether what --from names is a captured host: a directory, or a tar archive by its name. */
export async function isHostCapture(path: string): Promise<boolean> {
  if (/\.(tar|tar\.gz|tgz|tar\.zst)$/.test(path)) return true;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A captured host as a machine to start from. @throws InputError where it cannot be read, or tells too little. */
export async function captureImage(path: string): Promise<MachineImage> {
  try {
    return hostImage(readHost(await readCapture(path)));
  } catch (error) {
    if (error instanceof CaptureError) throw new InputError(error.message, { cause: error });
    if (error instanceof ImageImpossible) throw new InputError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

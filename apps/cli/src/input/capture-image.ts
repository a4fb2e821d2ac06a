import { CaptureError, hostImage, ImageImpossible, readHost } from "@memhp/capture";
import { readCapture } from "@memhp/capture/node";
import { type Machine, start } from "@memhp/machine";
import { InputError } from "../errors.ts";
import type { ExecuteOptions } from "../execute.ts";
import type { Host } from "../host.ts";

/** Starts a captured host as a machine. @throws InputError where it cannot be read, or tells too little. */
export async function startCapture(
  path: string,
  { workers = 0, kernel, seed }: ExecuteOptions,
  host: Host,
): Promise<Machine> {
  try {
    const image = hostImage(readHost(await readCapture(path)), {
      ...(kernel === undefined ? {} : { kernel }),
      ...(seed === undefined ? {} : { seed }),
    });
    return await start(image, { workers, ...(workers === 0 ? {} : { workerFactory: host.workerFactory }) });
  } catch (error) {
    if (error instanceof CaptureError) throw new InputError(error.message, { cause: error });
    if (error instanceof ImageImpossible) throw new InputError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

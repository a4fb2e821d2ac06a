import { encodeImage, type Machine, type MachineImage, NotQuietError, snapshot } from "@memhp/machine";
import { retold, RunFailed } from "../errors.ts";
import type { Host, LineFile } from "../host.ts";

/** The file of `--save`, opened before the run so that a place that cannot be written is told at once. */
export interface SavedImage {
  /** Writes the machine as it is. @throws RunFailed where it is not at rest, OutputError */
  write(machine: Machine): Promise<void>;
  /** As if it had never been opened. */
  abandon(): void;
}

/** @throws InputError */
export function openImage(path: string, host: Host): SavedImage {
  const file = host.createFile(path);
  const stopHearing = host.onInterrupt(() => file.abandon());
  const end = (how: () => void): void => {
    stopHearing();
    how();
  };
  return {
    async write(machine) {
      await writeImage(machine, path, file);
      end(() => file.close());
    },
    abandon: () => end(() => file.abandon()),
  };
}

/** The image of a checkpoint, beside the one of the run's end. @throws InputError, OutputError */
export async function saveCheckpoint(path: string, image: MachineImage, host: Host): Promise<void> {
  const file = host.createFile(path);
  try {
    for await (const piece of encodeImage(image)) file.writeBytes(piece);
    file.close();
  } catch (error) {
    file.abandon();
    throw error;
  }
}

async function writeImage(machine: Machine, path: string, file: LineFile): Promise<void> {
  const image = await retold(() => snapshot(machine), NotQuietError, RunFailed, `${path}: `);
  for await (const piece of encodeImage(image)) file.writeBytes(piece);
  file.check();
}

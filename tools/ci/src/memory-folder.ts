import { accessSync, constants, statfsSync } from "node:fs";

const TMPFS = 0x01021994;
/** A container's is mostly of 64 MiB; a browser's profile and a few exports need more. */
const ENOUGH = 2 ** 30;

/**
 * A folder whose files lie in memory; undefined where there is none with room for what tests write. To make the 600 files of an export, ask
 * tools for each and take them away again takes four times as long on a disk.
 */
export function memoryFolder(folder = "/dev/shm"): string | undefined {
  try {
    const { type, bavail, bsize } = statfsSync(folder);
    if (type !== TMPFS || bavail * bsize < ENOUGH) return undefined;
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}

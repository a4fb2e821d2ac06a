import { decodeImage, encodeImage, type MachineImage, NotQuietError, snapshot } from "@memhp/machine";
import type { Session } from "../session/session.ts";
import type { Checkpoint } from "./history.ts";

/** A machine written down. @throws Error with words while something is under way in it */
export const snapshotOf: typeof snapshot = snapshot;

/** Writes a machine down. @returns undefined while something is under way in it or beside it, which no image can hold. */
export async function checkpoint({ machine, log, did, runner }: Session): Promise<Checkpoint | undefined> {
  if (runner?.isAllInMachine === false) return undefined;
  try {
    const image = await snapshot(machine);
    return {
      bytes: await imageBytes(image),
      events: log.end,
      steps: did.length,
      atNs: machine.nowNs,
    };
  } catch (error) {
    if (error instanceof NotQuietError) return undefined;
    throw error;
  }
}

export function imageOf({ bytes }: Checkpoint): ReturnType<typeof decodeImage> {
  return decodeImage([bytes]);
}

/** An image as `memhp run --save` writes it. */
export async function imageBytes(image: MachineImage): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of encodeImage(image)) all.push(piece);
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

import { ImageError } from "@memhp/engine";
import { isRecord } from "../spec-fields.ts";
import type { SizeEventsImage } from "../size-events.ts";

/** A balloon at rest; pages are of 4 KiB, as the device counts them. */
export interface BalloonImage {
  /** The module virtio_balloon is loaded. */
  readonly isLoaded: boolean;
  readonly state: string;
  /** What the monitor wants in it. */
  readonly targetPages: number;
  /** What is in it, as the driver told last. */
  readonly actualPages: number;
  /** When the driver tries again; null where it does not wait. */
  readonly retryAtNs: number | null;
  /** It has told that nothing is free. */
  readonly hasSaid: boolean;
  readonly told?: SizeEventsImage;
}

/** What an image says of a balloon, which anybody may have written. @throws ImageError */
export function checkBalloonImage(image: unknown, where: string): void {
  if (!isRecord(image)) throw new ImageError(where, "expected an object");
  if (typeof image["state"] !== "string") throw new ImageError(`${where}.state`, "expected a string");
  for (const name of ["isLoaded", "hasSaid"])
    if (typeof image[name] !== "boolean") throw new ImageError(`${where}.${name}`, "expected true or false");
  for (const name of ["targetPages", "actualPages"])
    if (!isCount(image[name])) throw new ImageError(`${where}.${name}`, "expected a number from 0");
  if (image["retryAtNs"] !== null && !isCount(image["retryAtNs"]))
    throw new ImageError(`${where}.retryAtNs`, "expected a number or null");
  const { told } = image;
  if (told === undefined) return;
  if (!isRecord(told) || !isCount(told["untilNs"]) || (told["nextBytes"] !== null && !isCount(told["nextBytes"])))
    throw new ImageError(`${where}.told`, "expected untilNs and nextBytes");
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

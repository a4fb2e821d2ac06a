import { checkSizeEvents, type SizeEventsImage } from "../size-events.ts";
import { type Check, fields, flag, number, optional, orNull, text, whole } from "../image-checks.ts";

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
export const checkBalloonImage: Check = fields<BalloonImage>({
  isLoaded: flag,
  state: text,
  targetPages: whole,
  actualPages: whole,
  retryAtNs: orNull(number),
  hasSaid: flag,
  told: optional(checkSizeEvents),
});

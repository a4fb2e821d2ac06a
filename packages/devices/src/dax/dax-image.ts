import { daxSources } from "./dax-spec.ts";
import type { ByteRange } from "@memhp/platforms";
import type { DaxSource } from "@memhp/hotplug";
import { byteRange, type Check, fields, flag, list, oneOf, orNull, text, tuple, whole } from "../image-checks.ts";

/** A dax device at rest; bytes, `end` exclusive. */
export interface DaxImage {
  readonly id: string;
  readonly source: DaxSource;
  /** Proximity domain. */
  readonly node: number;
  readonly region: ByteRange;
  /** Its mappings, in the order in which it got them. */
  readonly ranges: readonly ByteRange[];
  readonly memmapOnMemory: boolean;
  /** Dotted path of its statechart's state, and what that remembers. */
  readonly state: string;
  readonly left: readonly number[];
  /** What kmem added of each mapping, by its number. */
  readonly added: readonly (readonly [mapping: number, range: ByteRange])[];
  /** Memory group of what kmem added. */
  readonly group: number | null;
}

/** The dax devices of a machine's image. */
export interface DaxDevicesImage {
  readonly devices: readonly DaxImage[];
  /** The module kmem is loaded. */
  readonly kmem: boolean;
  /** Names that were written to `new_id`, by driver. */
  readonly ids: readonly (readonly [driver: string, name: string])[];
}

/** What an image says of dax devices, which anybody may have written. @throws ImageError */
export const checkDaxImage: Check = fields<DaxDevicesImage>({
  devices: list(
    fields<DaxImage>({
      id: text,
      source: oneOf(...daxSources),
      node: whole,
      region: byteRange,
      ranges: list(byteRange),
      memmapOnMemory: flag,
      state: text,
      left: list(whole),
      added: list(tuple(whole, byteRange)),
      group: orNull(whole),
    }),
  ),
  kmem: flag,
  ids: list(tuple(text, text)),
});

import { type Check, fields, flag, list, number, oneOf, optional, text, tuple, whole } from "../image-checks.ts";
import type { Dimm } from "./dimm-slots.ts";

/** What the kernel last told firmware about a slot. */
export interface OstRecord {
  readonly device: string | undefined;
  /** What `_OST` was told about: a notify's value, or 0x103 and the like. */
  readonly source: number;
  /** A status of `_OST`. */
  readonly status: number;
}

/** The DIMMs of a machine's image. */
export interface DimmImage {
  /** In the order in which they came. */
  readonly plugged: readonly Dimm[];
  /** Asked for by DLPAR, without an answer. */
  readonly asked?: readonly string[];
  /** Last _OST of each slot. */
  readonly ost: readonly (readonly [slot: number, record: OstRecord])[];
}

/** What an image says of DIMMs, which anybody may have written. @throws ImageError */
export const checkDimmImage: Check = fields<DimmImage>({
  plugged: list(
    fields<Dimm>({
      id: text,
      memdev: text,
      slot: whole,
      addr: whole,
      sizeBytes: whole,
      node: whole,
      hotplugged: flag,
      nvdimm: optional(oneOf(true)),
    }),
  ),
  asked: optional(list(text)),
  ost: list(tuple(whole, fields<OstRecord>({ device: optional(text), source: number, status: number }))),
});

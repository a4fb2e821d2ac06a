import type { JsonValue } from "./value.ts";

/** A value, or QEMU's text for why there is none. */
export type JsonMessage =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly error: string };

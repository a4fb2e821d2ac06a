/** QEMU's error classes that a memory device can meet. */
export type QmpErrorClass = "GenericError" | "CommandNotFound" | "DeviceNotFound";

/** The `error` member of an answer. */
export interface QmpError {
  readonly class: QmpErrorClass;
  readonly desc: string;
}

/** A refusal is an answer: it is returned, not thrown. */
export type QmpResult<T = void> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: QmpError };

export type Awaitable<T> = T | Promise<T>;

export const OK: QmpResult = { ok: true, value: undefined };

/** An error of class GenericError. */
export function genericError(desc: string): { readonly ok: false; readonly error: QmpError } {
  return { ok: false, error: { class: "GenericError", desc } };
}

export function deviceNotFound(id: string): { readonly ok: false; readonly error: QmpError } {
  return { ok: false, error: { class: "DeviceNotFound", desc: `Device '${id}' not found` } };
}

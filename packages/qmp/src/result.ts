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

/** A value, at once or later. */
export type Awaitable<T> = T | Promise<T>;

/** The answer of a command that returns nothing. */
export const OK: QmpResult = { ok: true, value: undefined };

/** An error of class GenericError. */
export function genericError(desc: string): { readonly ok: false; readonly error: QmpError } {
  return { ok: false, error: { class: "GenericError", desc } };
}

/** QEMU's refusal of a device that is not there. */
export function deviceNotFound(id: string): { readonly ok: false; readonly error: QmpError } {
  return { ok: false, error: { class: "DeviceNotFound", desc: `Device '${id}' not found` } };
}

/** QEMU's error classes that a memory device can meet. */
export type QmpErrorClass = "GenericError" | "CommandNotFound" | "DeviceNotActive" | "DeviceNotFound";

/** What QEMU says of a command that it refuses: on the wire, the `error` member of an answer. */
export interface QmpError {
  readonly class: QmpErrorClass;
  readonly desc: string;
}

/** The answer to a command that was refused. `refusal` is in QEMU's words: no kernel was asked yet. */
export interface QmpRefused {
  readonly ok: false;
  readonly refusal: QmpError;
}

/** A refusal is an answer: it is returned, not thrown. */
export type QmpResult<T = void> = { readonly ok: true; readonly value: T } | QmpRefused;

/** A value, at once or later. */
export type Awaitable<T> = T | Promise<T>;

/** The answer of a command that returns nothing. */
export const OK: QmpResult = { ok: true, value: undefined };

/** An error of class GenericError. */
export function genericError(desc: string): QmpRefused {
  return { ok: false, refusal: { class: "GenericError", desc } };
}

/** QEMU's refusal of a device that is not there. */
export function deviceNotFound(id: string): QmpRefused {
  return { ok: false, refusal: { class: "DeviceNotFound", desc: `Device '${id}' not found` } };
}

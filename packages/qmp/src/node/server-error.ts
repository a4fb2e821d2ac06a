/** Why a server does not start. */
export type QmpServerErrorCode =
  | "not_loopback"
  | "address_in_use"
  | "not_a_socket"
  | "path_too_long"
  | "not_allowed"
  | "no_such_folder"
  | "cannot_listen";

/** A monitor cannot be served at an address; `code` says why. */
export class QmpServerError extends Error {
  readonly code: QmpServerErrorCode;

  constructor(code: QmpServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "QmpServerError";
    this.code = code;
  }
}

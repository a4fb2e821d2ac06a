/** Why a server does not start. */
export type QmpServerErrorCode = "not_loopback" | "address_in_use" | "not_a_socket";

export class QmpServerError extends Error {
  readonly code: QmpServerErrorCode;

  constructor(code: QmpServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "QmpServerError";
    this.code = code;
  }
}

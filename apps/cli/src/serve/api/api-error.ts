import type { Refusal } from "@memhp/abi";

/** Why a request of the API was not carried out. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ApiStatus;
  /** Where it was the machine's kernel that refused. */
  readonly refusal: Refusal | undefined;

  constructor(status: ApiStatus, message: string, refusal?: Refusal) {
    super(message);
    this.status = status;
    this.refusal = refusal;
  }
}

/** 400 bad input, 401 no token, 403 from elsewhere, 404 not there, 409 not now, 413 too large, 421 another's name, 429 too many at once. */
export type ApiStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 421 | 429;

/** A callback threw, or answered something that no chain can carry. It is a bug of that callback, never a veto. */
export class NotifierCallbackError extends Error {
  override readonly name = "NotifierCallbackError";
  /** Name of the callback. */
  readonly callback: string;
  readonly action: string;

  constructor(callback: string, action: string, cause: unknown) {
    super(
      `notifier callback ${JSON.stringify(callback)} failed on ${action}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
    this.callback = callback;
    this.action = action;
  }
}

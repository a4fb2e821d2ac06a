import type { QmpError, QmpErrorClass } from "./result.ts";

/** Ends a command with an error answer. Thrown by commands, caught where they are run. */
export class CommandError extends Error {
  readonly class: QmpErrorClass;

  constructor(desc: string, errorClass: QmpErrorClass = "GenericError") {
    super(desc);
    this.name = "CommandError";
    this.class = errorClass;
  }

  static of(error: QmpError): CommandError {
    return new CommandError(error.desc, error.class);
  }

  get error(): QmpError {
    return { class: this.class, desc: this.message };
  }
}

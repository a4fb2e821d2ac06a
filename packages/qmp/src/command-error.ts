import type { QmpError, QmpErrorClass } from "./result.ts";

/**
 * Ends a command with an error answer. Thrown by commands, caught where they are run. It is no `Error`: it needs no stack, and a
 * client can cause millions.
 */
export class CommandError implements QmpError {
  readonly class: QmpErrorClass;
  readonly desc: string;

  constructor(desc: string, errorClass: QmpErrorClass = "GenericError") {
    this.class = errorClass;
    this.desc = desc;
  }

  static of(error: QmpError): CommandError {
    return new CommandError(error.desc, error.class);
  }
}

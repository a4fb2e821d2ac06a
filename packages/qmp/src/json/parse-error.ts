/**
 * Why the tokens of a message make no value. Thrown and caught inside this folder only, and no `Error`: a client can cause
 * millions of them, and the stack of each would cost more than all the rest.
 */
export class JsonParseError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

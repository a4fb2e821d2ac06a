/** A step cannot be carried out: what is wrong with its operands. */
export class StepError extends Error {
  override readonly name = "StepError";
  /** The operand that is wrong, `retry.times` where it is inside another; undefined where it is none, or more than one. */
  readonly operand: string | undefined;

  constructor(message: string, operand?: string) {
    super(message);
    this.operand = operand;
  }
}

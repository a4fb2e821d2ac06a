/** A step cannot be carried out: what is wrong with its operands. */
export class StepError extends Error {
  override readonly name = "StepError";
}

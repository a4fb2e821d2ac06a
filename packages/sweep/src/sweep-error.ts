/** A sweep file makes no sense: what is wrong and where. */
export class SweepError extends Error {
  override readonly name = "SweepError";
}

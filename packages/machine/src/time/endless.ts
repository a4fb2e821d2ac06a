/** Kernel threads have taken more turns than somebody gave them (`mostTurns`): what goes on has no end. */
export class EndlessError extends Error {
  override readonly name = "EndlessError";
}

/** A word of the input that memhp does not carry out: where it stands, and why nothing comes of it. */
export interface IgnoredWord {
  readonly where: string;
  readonly word: string;
  readonly why: string;
}

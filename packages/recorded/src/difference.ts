/** One thing in which memhp and the kernel disagree. */
export interface Difference {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Path of what differs: `result.errno`, `zones.1.Movable.spanned`, `blocks.32.valid_zones`. */
  readonly what: string;
  readonly kernel: unknown;
  readonly memhp: unknown;
}

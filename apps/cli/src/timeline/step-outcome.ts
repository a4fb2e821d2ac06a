/** How a step ended, in a few words. */
export interface StepOutcome {
  readonly outcome: string;
  readonly good: boolean;
}

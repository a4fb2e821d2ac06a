import type { StepRequest } from "@memhp/scenario";

/** What was done, and what no step can say. */
export class StepLog {
  readonly steps: StepRequest[] = [];
  readonly unsaid: string[] = [];

  did(step: StepRequest): void {
    this.steps.push(step);
  }

  /** Something was done for which there is no operation. */
  didUnsaid(text: string): void {
    this.unsaid.push(text);
  }
}

import type { StepRequest } from "@memhp/scenario";

/** What was done, and what no step can say. */
export class StepLog {
  readonly steps: StepRequest[];
  readonly unsaid: string[];

  constructor(steps: readonly StepRequest[] = [], unsaid: readonly string[] = []) {
    this.steps = [...steps];
    this.unsaid = [...unsaid];
  }

  /** What had been done when so much was. */
  upTo(steps: number, unsaid: number): StepLog {
    return new StepLog(this.steps.slice(0, steps), this.unsaid.slice(0, unsaid));
  }

  did(step: StepRequest): void {
    this.steps.push(step);
  }

  /** Something was done for which there is no operation. */
  didUnsaid(text: string): void {
    this.unsaid.push(text);
  }
}

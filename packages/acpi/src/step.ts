import type { ErrnoName, Refusal } from "@memhp/abi";

/** How a step of a device ended. `DECLINED`: the driver does not want this device, and that is no error. */
export type StepAnswer =
  | { readonly type: "DONE" }
  | { readonly type: "DECLINED" }
  | { readonly type: "FAILED"; readonly errno: ErrnoName; readonly refusals: readonly Refusal[] };

export const stepDone: StepAnswer = { type: "DONE" };
export const stepDeclined: StepAnswer = { type: "DECLINED" };
export function stepFailed(errno: ErrnoName, refusals: readonly Refusal[] = []): StepAnswer {
  return { type: "FAILED", errno, refusals };
}

/** Why the last step failed. */
export interface StepFailure {
  readonly errno: ErrnoName;
  readonly refusals: readonly Refusal[];
}

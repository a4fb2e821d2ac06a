import { operations } from "@memhp/scenario";
import { uses } from "./template.ts";

const inMachine: ReadonlySet<unknown> = new Set(
  operations.flatMap(({ op, staysInMachine }) => (staysInMachine === true ? [op] : [])),
);

/** How many leading steps are the same for all runs and can be gone on from by an image of the machine. */
export function commonPrefix(steps: readonly unknown[], parameters: ReadonlySet<string>): number {
  const end = steps.findIndex((step) => uses(step, parameters) || !isForkable(step));
  return end === -1 ? steps.length : end;
}

function isForkable(step: unknown): boolean {
  if (typeof step !== "object" || step === null) return false;
  const { steps } = step as Readonly<Record<string, unknown>>;
  return Array.isArray(steps) ? steps.every(isForkable) : leavesAllInMachine(step);
}

/** Whether an image of the machine has all that a step did. */
export function leavesAllInMachine(step: object): boolean {
  const { op, background } = step as Readonly<Record<string, unknown>>;
  return inMachine.has(op) && background === undefined;
}

/** Whether numbers are drawn from the seed for what a step begins. */
export function draws(step: object): boolean {
  const { churn, p } = step as Readonly<Record<string, unknown>>;
  return churn !== undefined || p !== undefined;
}

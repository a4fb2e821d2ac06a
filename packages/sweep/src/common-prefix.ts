import { uses } from "./template.ts";

/** Steps that leave all they did in the machine, so that its image has it: no udevd, no fault, nothing in the background. */
const inMachine: ReadonlySet<string> = new Set([
  "dimm_add",
  "dimm_del",
  "container",
  "balloon",
  "dax",
  "daxctl",
  "block",
  "write",
  "online",
  "offline",
  "load",
  "unload",
  "unpin",
  "probe",
  "inject",
  "insmod",
  "reset",
  "rmmod",
  "read",
  "tree",
  "state",
  "snapshot",
  "wait",
  "sleep",
]);

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
  return typeof op === "string" && inMachine.has(op) && background === undefined;
}

/** Whether numbers are drawn from the seed for what a step begins. */
export function draws(step: object): boolean {
  const { churn, p } = step as Readonly<Record<string, unknown>>;
  return churn !== undefined || p !== undefined;
}

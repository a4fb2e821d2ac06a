import type { DocumentStep } from "./document.ts";
import type { TraceStep } from "./trace.ts";

/** A step did not come out as a scenario expects. */
export interface ExpectationFailure {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Path of what differs, such as `result.offlined`. */
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Compares a step with its `expect`: only what the expectation names must be there, lists in full. */
export function checkExpectation(step: DocumentStep, done: TraceStep, index: number): ExpectationFailure[] {
  if (step.expect === undefined) return [];
  const besideResult = new Set([
    "after_state",
    "uevents",
    "qmp_events",
    "acpi_ost",
    "notifications",
    "kernel_log",
    "refusal",
    "finished",
    "result",
  ]);
  const failures: ExpectationFailure[] = [];
  for (const [key, expected] of Object.entries(step.expect)) {
    const inStep = besideResult.has(key);
    const actual = inStep
      ? (done as unknown as Record<string, unknown>)[key]
      : (done.result as Record<string, unknown> | null)?.[key];
    collect(expected, actual, inStep ? key : `result.${key}`, index, failures);
  }
  return failures;
}

function collect(expected: unknown, actual: unknown, what: string, step: number, failures: ExpectationFailure[]): void {
  if (typeof expected === "object" && expected !== null && !Array.isArray(expected)) {
    // Also `refusal: {}` expects that there is one.
    if (typeof actual !== "object" || actual === null) {
      failures.push({ step, what, expected, actual });
      return;
    }
    for (const [key, value] of Object.entries(expected)) {
      collect(value, (actual as Record<string, unknown> | null | undefined)?.[key], `${what}.${key}`, step, failures);
    }
    return;
  }
  if (JSON.stringify(expected) !== JSON.stringify(actual)) failures.push({ step, what, expected, actual });
}

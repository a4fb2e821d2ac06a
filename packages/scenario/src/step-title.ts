import { bulkOutcome } from "./operations/bulk.ts";
import type { Places, StepOutcome } from "./operations/operation.ts";
import { written } from "./operations/words.ts";
import { operationOf } from "./step-request.ts";
import type { TraceStep } from "./trace.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a step asked for and how it ended, in a few words each. */
export interface StepTitle extends StepOutcome {
  readonly asked: string;
}

/**
 * A step in the words of its operation.
 * @param places where DIMMs lie, so that `memory${d0.4}` is told as `memory36`
 */
export function stepTitle(done: TraceStep, places: Places): StepTitle {
  const { step, result } = done;
  const operation = operationOf(step.op);
  const name = step["background"];
  const plain = operation.asked(step, places);
  const asked = typeof name === "string" ? `${plain} &  (${name})` : plain;
  if (typeof result !== "object" || result === null)
    return { asked, outcome: operation.unsaid ?? "not simulated", good: true };
  const known = result as Json;
  if (known["background"] === true) return { asked, outcome: "goes on in the background", good: true };
  const outcome = operation.outcome?.({ ...done, result: known }, step, places) ?? { outcome: "done", good: true };
  return { asked, ...outcome };
}

/** What something that ran in the background came to: a write to one file, or to many blocks. */
export function finishedOutcome(result: unknown): StepOutcome {
  const known = result as Json;
  return "requested" in known ? bulkOutcome(known) : written(known);
}

import { operationOf, type Places, type StepOutcome, type TraceStep } from "@memhp/scenario";
import type { DimmPlaces } from "./references.ts";

/** What a step asked for and how it ended, in a few words each. */
export interface StepTitle extends StepOutcome {
  readonly asked: string;
}

/** True for steps that look at much and change nothing. */
export function onlyLooks({ step }: TraceStep): boolean {
  return operationOf(step.op).onlyLooks === true;
}

/** In the words of the step's operation. */
export function stepTitle(done: TraceStep, places: DimmPlaces): StepTitle {
  const { step, result } = done;
  const operation = operationOf(step.op);
  const where: Places = {
    resolve: (text) => places.resolve(text),
    blocks: (id) => places.blocks(id),
    address: (id) => places.address(id),
  };
  const name = step["background"];
  const plain = operation.asked(step, where);
  const asked = typeof name === "string" ? `${plain} &  (${name})` : plain;
  if (typeof result !== "object" || result === null)
    return { asked, outcome: operation.unsaid ?? "not simulated", good: true };
  const known = result as Readonly<Record<string, unknown>>;
  if (known["background"] === true) return { asked, outcome: "goes on in the background", good: true };
  const outcome = operation.outcome?.({ ...done, result: known }, step, where) ?? { outcome: "done", good: true };
  return { asked, ...outcome };
}

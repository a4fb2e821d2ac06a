import { SweepError } from "./sweep-error.ts";
import type { ConfidenceSpec, RuleSpec, StopSpec } from "./sweep-schema.ts";

/** @throws SweepError for a measure that the sweep does not have */
export function checkStop(stop: StopSpec | undefined, measures: readonly string[]): void {
  for (const [name, spec] of Object.entries(stop ?? {}) as [string, RuleSpec | ConfidenceSpec][]) {
    if (!measures.includes(spec.measure))
      throw new SweepError(
        `stop.${name}.measure: ${JSON.stringify(spec.measure)} is not known (there are: ${measures.join(", ")})`,
      );
  }
}

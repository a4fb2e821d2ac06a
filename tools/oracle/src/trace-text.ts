import type { RecordedTrace } from "./record.ts";

/** A trace as a file: one line for each step, so that changes can be read. */
export function printTrace({ steps, ...head }: RecordedTrace): string {
  const text = JSON.stringify(head, null, 1).replace(/\n\}$/, "");
  return `${text},\n "steps": [\n${steps.map((step) => `  ${JSON.stringify(step)}`).join(",\n")}\n ]\n}\n`;
}

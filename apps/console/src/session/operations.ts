import { operations } from "@memhp/scenario";
import type { OperandSchema } from "./operand-schema.ts";

/** An operation of the registry, for a form. */
export interface OperationView {
  readonly op: string;
  /** One sentence. */
  readonly about: string;
  readonly operands: OperandSchema;
  readonly example: Readonly<Record<string, unknown>>;
}

/** All operations, as plain data; without what only the recorder of a kernel reads. */
export const operationViews: readonly OperationView[] = operations.map((each) => {
  const { op, about, operands, example } = each;
  return { op, about, operands: JSON.parse(JSON.stringify(operands)) as OperandSchema, example };
});

/** JSON Schema, as far as the operands of operations use it. */
export interface OperandSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly OperandSchema[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly examples?: readonly (string | number | boolean)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, OperandSchema>>;
  readonly required?: readonly string[];
  readonly items?: OperandSchema;
}

import type { StepRequest } from "@memhp/scenario";
import type { OperandSchema } from "./operand-schema.ts";

/** One field of an operation's form. */
export interface Operand {
  /** `size`, or `retry.times` inside another. */
  readonly path: string;
  readonly about: string;
  readonly required: boolean;
  /** `text` may have suggestions; `numbers` and `texts` are lists with commas. */
  readonly kind: "choice" | "text" | "number" | "numbers" | "texts" | "json";
  /** Values to choose from, or suggestions. */
  readonly choices: readonly string[];
  /** What an empty field means, or an example. */
  readonly placeholder: string;
}

/** What was typed into the fields, by their paths; empty is not given. */
export type Typed = Readonly<Record<string, string>>;

/** The fields of an operation, in the order of its schema. */
export function operandsOf(schema: OperandSchema, inside = ""): Operand[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, operand]) => {
    const path = `${inside}${name}`;
    if (operand.properties !== undefined) return operandsOf(operand, `${path}.`);
    const required = schema.required?.includes(name) === true && inside === "";
    return [{ path, about: operand.description ?? operand.title ?? "", required, ...fieldOf(operand) }];
  });
}

function fieldOf(operand: OperandSchema): Pick<Operand, "kind" | "choices" | "placeholder"> {
  const branches = leaves(operand);
  const words = branches.flatMap((each) => ("const" in each ? [String(each.const)] : []));
  const placeholder = String(operand.default ?? operand.examples?.[0] ?? "");
  if (branches.length > 0 && words.length === branches.length) return { kind: "choice", choices: words, placeholder };
  const has = (...types: readonly string[]): boolean => branches.some(({ type = "" }) => types.includes(type));
  if (has("string")) return { kind: "text", choices: words, placeholder };
  if (has("boolean")) return { kind: "choice", choices: ["true", "false"], placeholder };
  if (has("integer", "number")) return { kind: words.length > 0 ? "text" : "number", choices: words, placeholder };
  if (operand.type !== "array") return { kind: "json", choices: [], placeholder: "{}" };
  return { kind: isNumeric(operand.items) ? "numbers" : "texts", choices: [], placeholder: "with commas" };
}

/** The alternatives of a schema, those inside alternatives as well. */
function leaves(operand: OperandSchema): readonly OperandSchema[] {
  return operand.anyOf === undefined ? [operand] : operand.anyOf.flatMap(leaves);
}

function isNumeric(items: OperandSchema | undefined): boolean {
  return items !== undefined && leaves(items).some(({ type }) => type === "integer" || type === "number");
}

/** A step of what was typed. What fits no field goes on as it was typed: the operation's own schema says what is wrong with it. */
export function stepOf(op: string, schema: OperandSchema, typed: Typed): StepRequest {
  const step: Record<string, unknown> = { op };
  for (const operand of operandsOf(schema)) {
    const text = typed[operand.path] ?? "";
    if (text === "") continue;
    const [name = "", inner] = operand.path.split(".");
    const value = valueOf(operand, schemaAt(schema, operand.path), text);
    if (inner === undefined) step[name] = value;
    else step[name] = { ...(step[name] as object | undefined), [inner]: value };
  }
  return step as StepRequest;
}

function schemaAt(schema: OperandSchema, path: string): OperandSchema {
  return path.split(".").reduce<OperandSchema>((at, name) => at.properties?.[name] ?? {}, schema);
}

function valueOf({ kind }: Operand, schema: OperandSchema, text: string): unknown {
  switch (kind) {
    case "choice":
      return constant(schema, text);
    case "text":
      return leaves(schema).some(({ type, ...rest }) => type === "string" && !("const" in rest))
        ? text
        : numberOr(text);
    case "number":
      return numberOr(text);
    case "numbers":
      return parts(text).map(numberOr);
    case "texts":
      return parts(text);
    default:
      return jsonOr(text);
  }
}

/** `true` of a choice is a word or a truth, as the schema has it. */
function constant(schema: OperandSchema, text: string): unknown {
  const found = leaves(schema).find((each) => "const" in each && String(each.const) === text);
  if (found !== undefined) return found.const;
  return text === "true" || text === "false" ? text === "true" : text;
}

function parts(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function numberOr(text: string): number | string {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { type TSchema } from "@sinclair/typebox";
import { Errors, type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { Check } from "@sinclair/typebox/value";

const MAX_SHOWN = 80;

/** A value as a message shows it: short, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

interface FaultOptions {
  /** Names that a message does not offer. */
  readonly silent?: readonly string[];
}

/** Something that does not fit its schema. */
interface Fault {
  /** `nodes[3].mem` */
  readonly place: string;
  /** The place, what is there, and what is allowed. */
  readonly text: string;
}

/**
 * The first thing in which a value does not fit its schema: the place, what is there, and what is allowed.
 * @returns undefined where it fits.
 */
export function firstFault(schema: TSchema, value: unknown): string | undefined {
  return faultOf(schema, value)?.text;
}

/** The same with the place by itself. */
export function faultOf(schema: TSchema, value: unknown, options: FaultOptions = {}): Fault | undefined {
  // What looks for errors notes where it is at each value, and nearly all fit.
  if (Check(schema, value)) return undefined;
  const error = Errors(schema, value).First();
  if (error === undefined) return undefined;
  const path = placeOf(error.path);
  return { place: joined(path), text: textOf(error, path, options) };
}

function textOf(error: ValueError, path: readonly string[], options: FaultOptions): string {
  const name = path.at(-1) ?? "";
  const inside = joined(path.slice(0, -1));
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const allowed = Object.keys((error.schema["properties"] ?? {}) as object);
    const offered = allowed.filter((each) => path.length > 1 || options.silent?.includes(each) !== true);
    return `${inside === "" ? "" : `${inside}: `}${shortName(name)} is not known (allowed: ${offered.join(", ") || "nothing"})`;
  }
  if (error.type === ValueErrorType.ObjectRequiredProperty)
    return `${joined(path)} is missing (expected ${described(error.schema)})`;
  return `${joined(path)}: ${mismatch(error.schema, error.value)}`;
}

function mismatch(schema: TSchema, value: unknown): string {
  const words = literalsOf(schema);
  if (words !== undefined && (typeof value === "string" || words.length > 1))
    return `${shown(value)} is not known (allowed: ${words.join(", ")})`;
  return `expected ${described(schema)}, found ${shown(value)}`;
}

/** The words of a schema that is a choice of words. */
function literalsOf(schema: TSchema): string[] | undefined {
  if (schema["const"] !== undefined) return [String(schema["const"])];
  const branches = schema["anyOf"] as readonly TSchema[] | undefined;
  if (branches === undefined) return undefined;
  const words = branches.map(literalsOf);
  return words.every((each) => each !== undefined) ? words.flat() : undefined;
}

function described(schema: TSchema): string {
  if (typeof schema.title === "string") return schema.title;
  const words = literalsOf(schema);
  if (words !== undefined) return words.length === 1 ? String(words[0]) : `one of ${words.join(", ")}`;
  if (schema["anyOf"] !== undefined) return (schema["anyOf"] as TSchema[]).map(described).join(" or ");
  switch (schema["type"]) {
    case "integer":
      return `a whole number${rangeOf(schema)}`;
    case "number":
      return `a number${rangeOf(schema)}`;
    case "string":
      return schema["minLength"] === 1 ? "a text that is not empty" : "a text";
    case "boolean":
      return "true or false";
    case "array":
      return schema["minItems"] === undefined ? "a list" : `a list of at least ${String(schema["minItems"])}`;
    case "null":
      return "null";
    default:
      return "an object";
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: TSchema): string {
  if (exclusiveMinimum !== undefined)
    return ` above ${String(exclusiveMinimum)}${maximum === undefined ? "" : `, up to ${String(maximum)}`}`;
  if (minimum === undefined) return "";
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? ` from ${String(minimum)}`
    : ` of ${String(minimum)}..${String(maximum)}`;
}

function shortName(name: string): string {
  return name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
}

function placeOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `nodes[3].mem`. */
function joined(path: readonly string[]): string {
  return path.reduce(
    (text, part) =>
      /^\d+$/.test(part) ? `${text}[${part}]` : text === "" ? shortName(part) : `${text}.${shortName(part)}`,
    "",
  );
}

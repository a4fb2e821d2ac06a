import { SweepError } from "./sweep-error.ts";
import type { Parameters } from "./parameter-space.ts";
import { valueText } from "./value-text.ts";

type Json = Readonly<Record<string, unknown>>;

const REFERENCE = /\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}/g;
const WHOLE = /^\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}$/;
/** Most steps after repeats are written out. */
const MAX_STEPS = 100_000;

/** A step as it stands when all parameters are filled in, and the label by which measures find it. */
export interface FilledStep {
  readonly step: unknown;
  readonly label: string | undefined;
}

/**
 * A value with every `{{name}}` replaced: alone in a text it becomes the parameter's value, within one its text.
 * @throws SweepError for a name that no parameter has.
 */
export function fill(value: unknown, parameters: Parameters): unknown {
  if (typeof value === "string") return fillText(value, parameters);
  if (Array.isArray(value)) return value.map((each) => fill(each, parameters));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, parameters)]));
}

function fillText(text: string, parameters: Parameters): unknown {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined) return parameterOf(whole, parameters);
  return text.replaceAll(REFERENCE, (_, name: string) => valueText(parameterOf(name, parameters)));
}

function parameterOf(name: string, parameters: Parameters): unknown {
  if (!Object.hasOwn(parameters, name))
    throw new SweepError(
      `scenario: {{${name}}} is no parameter (there are: ${Object.keys(parameters).join(", ") || "none"})`,
    );
  return parameters[name];
}

/** Whether any of the names is used in a template. */
export function uses(template: unknown, names: ReadonlySet<string>): boolean {
  const text = JSON.stringify(template) ?? "";
  if ([...text.matchAll(REFERENCE)].some(([, name = ""]) => names.has(name))) return true;
  return isRecord(template) && (isConditional(template) || partsOf(template).some((part) => uses(part, names)));
}

function isConditional(template: Json): boolean {
  return "where" in template && "steps" in template;
}

/** Steps within a step that is written out. */
function partsOf({ steps }: Json): readonly unknown[] {
  return Array.isArray(steps) ? steps : [];
}

/** Labels that steps have in any run. */
export function labelsIn(templates: readonly unknown[]): string[] {
  return templates.flatMap((template) => {
    if (!isRecord(template)) return [];
    const { label } = template;
    return [...(typeof label === "string" ? [label] : []), ...labelsIn(partsOf(template))];
  });
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Steps with parameters filled in; `{repeat: N, as: i, down: true, steps: […]}` written out, and `{where: {name: VALUE}, steps: […]}` in
 * runs whose parameters have these values. @throws SweepError
 */
export function fillSteps(templates: readonly unknown[], parameters: Parameters): FilledStep[] {
  const filled: FilledStep[] = [];
  addSteps(templates, parameters, filled);
  return filled;
}

function addSteps(templates: readonly unknown[], parameters: Parameters, filled: FilledStep[]): void {
  for (const template of templates) {
    if (isRecord(template) && "repeat" in template) addRepeated(template, parameters, filled);
    else if (isRecord(template) && isConditional(template)) addConditional(template, parameters, filled);
    else filled.push(filledStep(fill(template, parameters)));
    if (filled.length > MAX_STEPS) throw new SweepError(`scenario: more than ${MAX_STEPS} steps`);
  }
}

function filledStep(step: unknown): FilledStep {
  if (!isRecord(step) || !("label" in step)) return { step, label: undefined };
  const { label, ...rest } = step;
  if (typeof label !== "string" || !/^[A-Za-z]\w*$/.test(label))
    throw new SweepError(`scenario: label: expected a name such as grown, found ${JSON.stringify(label)}`);
  return { step: rest, label };
}

/** A list of values is any of them. */
function addConditional(template: Json, parameters: Parameters, filled: FilledStep[]): void {
  const { where, steps, ...rest } = template;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined)
    throw new SweepError(`scenario: where: ${JSON.stringify(unknown)} is not known (allowed: where, steps)`);
  if (!isRecord(where))
    throw new SweepError(`scenario: where: expected {PARAMETER: VALUE}, found ${JSON.stringify(where)}`);
  if (!Array.isArray(steps)) throw new SweepError("scenario: where: steps: expected a list");
  const isMet = Object.entries(where).every(([name, wanted]) =>
    (Array.isArray(wanted) ? (wanted as unknown[]) : [wanted]).includes(parameterOf(name, parameters)),
  );
  if (isMet) addSteps(steps, parameters, filled);
}

function addRepeated(template: Json, parameters: Parameters, filled: FilledStep[]): void {
  const { repeat, as, down, steps, ...rest } = template;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined)
    throw new SweepError(
      `scenario: repeat: ${JSON.stringify(unknown)} is not known (allowed: repeat, as, down, steps)`,
    );
  const times = fill(repeat, parameters);
  if (!Number.isInteger(times) || (times as number) < 0 || (times as number) > MAX_STEPS)
    throw new SweepError(
      `scenario: repeat: expected a whole number of 0..${MAX_STEPS}, found ${JSON.stringify(times)}`,
    );
  if (as !== undefined && (typeof as !== "string" || Object.hasOwn(parameters, as)))
    throw new SweepError(`scenario: repeat: as: expected a name that no parameter has, found ${JSON.stringify(as)}`);
  if (!Array.isArray(steps)) throw new SweepError("scenario: repeat: steps: expected a list");
  const isDown = fill(down ?? false, parameters);
  if (typeof isDown !== "boolean")
    throw new SweepError(`scenario: repeat: down: expected true or false, found ${JSON.stringify(isDown)}`);
  for (let turn = 0; turn < (times as number); turn++) {
    const i = isDown ? (times as number) - 1 - turn : turn;
    addSteps(steps, as === undefined ? parameters : { ...parameters, [as]: i }, filled);
  }
}

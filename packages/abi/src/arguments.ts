import { Task } from "./task.ts";

/** Longest text of a value that an error repeats. */
const SHOWN = 60;

/** A value as an error repeats it. */
function shown(value: unknown): string {
  if (typeof value === "string") return cut(JSON.stringify(value));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? `${value}n` : String(value);
  try {
    return cut(JSON.stringify(value) ?? "an object");
  } catch {
    return "an object";
  }
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function wrong(place: string, allowed: string, value: unknown, kind: "type" | "range"): never {
  const text = `${place}: expected ${allowed}, found ${shown(value)}`;
  throw kind === "type" ? new TypeError(text) : new RangeError(text);
}

/** What a whole number may be. */
export interface Bounds {
  /** 0 unless told otherwise. */
  readonly least?: number;
  /** 2^53 - 1 unless told otherwise. */
  readonly most?: number;
  /** `nanoseconds`, `bytes`: for the error. */
  readonly unit?: string;
}

/** Checks a whole number in the unit of `bounds`. @throws TypeError for what is no number, RangeError for one that is not whole or not allowed. */
export function wholeNumber(place: string, value: unknown, bounds: Bounds = {}): asserts value is number {
  const { least = 0, most = Number.MAX_SAFE_INTEGER, unit } = bounds;
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  const allowed = `${unit === undefined ? "a whole number" : `whole ${unit}`} from ${least} to ${most}`;
  wrong(place, allowed, value, typeof value === "number" ? "range" : "type");
}

/** Checks a value by the list of those allowed. @throws RangeError for one that is not in it. */
export function oneOf<T>(place: string, value: unknown, allowed: readonly T[]): asserts value is T {
  if (!(allowed as readonly unknown[]).includes(value)) wrong(place, `one of ${allowed.join(", ")}`, value, "range");
}

/** Checks a text that says something. @throws TypeError for what is no text, RangeError for an empty one. */
export function nonEmptyText(place: string, value: unknown): asserts value is string {
  text(place, value);
  if (value === "") wrong(place, "a text that is not empty", value, "range");
}

/** Checks a text. @throws TypeError */
export function text(place: string, value: unknown): asserts value is string {
  if (typeof value !== "string") wrong(place, "a text", value, "type");
}

/** Checks an argument that is true or false. @throws TypeError */
export function truth(place: string, value: unknown): asserts value is boolean {
  if (typeof value !== "boolean") wrong(place, "true or false", value, "type");
}

/** Checks an argument that is called. @throws TypeError */
export function callable(place: string, value: unknown): asserts value is (...parameters: never[]) => unknown {
  if (typeof value !== "function") wrong(place, "a function", value, "type");
}

/** Checks an object with keys. @throws TypeError */
export function record(place: string, value: unknown): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) wrong(place, "an object", value, "type");
}

/**
 * Refuses a misspelt option, which would be passed over without a word otherwise.
 * @throws TypeError for what is no object, or has another key.
 */
export function knownKeys(place: string, value: unknown, allowed: readonly string[]): void {
  record(place, value);
  for (const key of Object.keys(value))
    if (!allowed.includes(key)) throw new TypeError(`${place}.${key}: not known (allowed: ${allowed.join(", ")})`);
}

/**
 * `knownKeys` of an options object whose keys its type names: `{ seed: true, workers: true }` as `Record<keyof Options, true>` has all of them.
 * @throws TypeError for what is no object, or has another key.
 */
export function knownOptions<Options extends object>(
  place: string,
  value: Options,
  keys: Readonly<Record<keyof Options, true>>,
): void {
  knownKeys(place, value, Object.keys(keys));
}

/**
 * Checks a list: its length first, then each entry by its place.
 * @throws TypeError for what is no list, RangeError for one that is too long.
 * @param most how many entries the list may have
 */
export function listOf(
  place: string,
  value: unknown,
  check: (place: string, entry: unknown) => void,
  most: number = Number.MAX_SAFE_INTEGER,
): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) wrong(place, "a list", value, "type");
  if (value.length > most) wrong(place, `a list of at most ${most}`, value, "range");
  for (let i = 0; i < value.length; i++) check(`${place}[${i}]`, value[i]);
}

/** Checks what is asked for before it begins: a task that was asked for wrongly has ended, and nothing was begun. */
export function checkedTask<T>(name: string, check: () => void, begin: () => Task<T>): Task<T> {
  try {
    check();
  } catch (error) {
    return new Task<T>({ name, hasEnded: true, hasHadLock: false }, (_resolve, reject) => reject(error));
  }
  return begin();
}

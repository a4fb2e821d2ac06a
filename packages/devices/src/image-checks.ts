// What a file holds is whatever somebody put there. These say what a part of an image has to be; whether the parts agree, those who
// restore them see.
import { ImageError } from "@memhp/engine";

/** Checks one part of an image; `where` leads its errors. @throws ImageError */
export type Check = (value: unknown, where: string) => void;

/** The error of a part that is not what it should be. */
export function expected(what: string, where: string): ImageError {
  return new ImageError(where, `expected ${what}`);
}

/** A finite number. */
export const number: Check = (value, where) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw expected("a number", where);
};
/** A whole number from 0: how many there are, or the number of one of them. */
export const whole: Check = (value, where) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw expected("a whole number from 0", where);
};
/** A string. */
export const text: Check = (value, where) => {
  if (typeof value !== "string") throw expected("a text", where);
};
/** A boolean. */
export const flag: Check = (value, where) => {
  if (typeof value !== "boolean") throw expected("true or false", where);
};
/** An object with keys, whichever they are. */
export const record: Check = (value, where) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw expected("an object", where);
};

/** What `check` takes, or null. */
export const orNull =
  (check: Check): Check =>
  (value, where) => {
    if (value !== null) check(value, where);
  };
/** What `check` takes, or nothing. */
export const optional =
  (check: Check): Check =>
  (value, where) => {
    if (value !== undefined) check(value, where);
  };
/** One of these values. */
export const oneOf =
  (...values: readonly (string | boolean)[]): Check =>
  (value, where) => {
    if (!values.includes(value as string)) throw expected(values.join(" or "), where);
  };
/** A list of what `check` takes. */
export const list =
  (check: Check): Check =>
  (value, where) => {
    if (!Array.isArray(value)) throw expected("a list", where);
    for (const [i, each] of (value as unknown[]).entries()) check(each, `${where}[${i}]`);
  };
/** A list of so many values, each with a check of its own. */
export const tuple =
  (...checks: readonly Check[]): Check =>
  (value, where) => {
    if (!Array.isArray(value) || value.length !== checks.length) throw expected(`${checks.length} values`, where);
    for (const [i, check] of checks.entries()) check(value[i], `${where}[${i}]`);
  };
/** An object with these fields. Given the type of the whole, no part of it can be forgotten. */
export const fields =
  <T = Record<string, unknown>>(checks: Readonly<Record<keyof T & string, Check>>): Check =>
  (value, where) => {
    record(value, where);
    for (const [name, check] of Object.entries<Check>(checks))
      check((value as Record<string, unknown>)[name], where === "" ? name : `${where}.${name}`);
  };

/** Bytes, `end` exclusive and behind `start`. */
export const byteRange: Check = (value, where) => {
  fields({ start: whole, end: whole })(value, where);
  const { start, end } = value as { readonly start: number; readonly end: number };
  if (start >= end) throw expected("an end behind its start", where);
};

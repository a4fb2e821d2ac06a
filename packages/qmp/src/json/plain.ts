import { JsonDouble, JsonObject, type JsonValue } from "./value.ts";

/** A JSON value as a program takes it. Integers beyond ±2^53 are bigints. */
export type QmpValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly QmpValue[]
  | { readonly [name: string]: QmpValue };

function plainOf(value: JsonValue): QmpValue {
  if (typeof value === "bigint") return BigInt.asIntN(54, value) === value ? Number(value) : value;
  if (value instanceof JsonDouble) return value.value;
  if (value instanceof JsonObject) return plainMembers(value);
  if (typeof value !== "object" || value === null) return value;
  return value.map(plainOf);
}

/** Members under their own names, whatever those are (`__proto__` is one like any other). */
export function plainMembers(object: JsonObject): Readonly<Record<string, QmpValue>> {
  return Object.fromEntries(object.entries().map(([name, member]) => [name, plainOf(member)]));
}

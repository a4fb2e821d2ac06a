import { bucketOf } from "./hash.ts";

/** A number written with a fraction or an exponent, or an integer that 64 bits cannot hold. QEMU never takes one for an integer. */
export class JsonDouble {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A JSON value as QEMU keeps it. Integers are bigints: addresses need all 64 bits. */
export type JsonValue = null | boolean | bigint | JsonDouble | string | readonly JsonValue[] | JsonObject;

/** An object whose members come in the order of QEMU's QDict: by hash bucket, the latest of a bucket first. */
export class JsonObject {
  readonly #members = new Map<string, JsonValue>();

  /** From plain data; `undefined` members are left out, numbers must be integers. */
  static from(members: Readonly<Record<string, PlainValue | undefined>>): JsonObject {
    const object = new JsonObject();
    for (const [key, value] of Object.entries(members)) if (value !== undefined) object.set(key, jsonValue(value));
    return object;
  }

  get(key: string): JsonValue | undefined {
    return this.#members.get(key);
  }

  has(key: string): boolean {
    return this.#members.has(key);
  }

  set(key: string, value: JsonValue): void {
    this.#members.set(key, value);
  }

  entries(): [string, JsonValue][] {
    return [...this.#members].toReversed().sort((a, b) => bucketOf(a[0]) - bucketOf(b[0]));
  }
}

/** What answers and events are written as. Numbers are integers. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonObject
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue | undefined };

/** @throws RangeError for a number that is not a safe integer. */
export function jsonValue(value: PlainValue): JsonValue {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`);
    return BigInt(value);
  }
  if (value === null || typeof value !== "object" || value instanceof JsonObject) return value;
  if (isList(value)) return value.map(jsonValue);
  return JsonObject.from(value);
}

const isList = (value: object): value is readonly PlainValue[] => Array.isArray(value);

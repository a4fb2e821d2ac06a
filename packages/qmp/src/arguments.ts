import { JsonDouble, type JsonObject, type JsonValue } from "./json/value.ts";
import { CommandError } from "./command-error.ts";

const UINT64 = 2n ** 64n;

/**
 * The arguments of a command, read as QEMU's input visitor reads them (qapi/qobject-input-visitor.c). The methods throw a
 * `CommandError` with QEMU's text.
 */
export class Arguments {
  readonly #given: JsonObject;
  readonly #unread: Set<string>;

  constructor(given: JsonObject) {
    this.#given = given;
    this.#unread = new Set(given.entries().map(([name]) => name));
  }

  string(name: string): string {
    return asString(this.#required(name), name);
  }

  uint64(name: string): bigint {
    return asUint64(this.#required(name), name);
  }

  /** The value, if there is one, through `read`. */
  optional<T>(name: string, read: (value: JsonValue, name: string) => T): T | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : read(value, name);
  }

  /** To be called when everything known is read. */
  end(): void {
    for (const name of this.#unread) throw new CommandError(`Parameter '${name}' is unexpected`);
  }

  #required(name: string): JsonValue {
    const value = this.#take(name);
    if (value === undefined) throw new CommandError(`Parameter '${name}' is missing`);
    return value;
  }

  #take(name: string): JsonValue | undefined {
    this.#unread.delete(name);
    return this.#given.get(name);
  }
}

export function asString(value: JsonValue, name: string): string {
  if (typeof value !== "string") throw wrongType(name, "string");
  return value;
}

export function asBoolean(value: JsonValue, name: string): boolean {
  if (typeof value !== "boolean") throw wrongType(name, "boolean");
  return value;
}

/** A negative integer wraps around, as in QEMU. */
export function asUint64(value: JsonValue, name: string): bigint {
  if (typeof value !== "bigint") throw new CommandError(`Parameter '${name}' expects uint64`);
  return value < 0n ? value + UINT64 : value;
}

export function asUint32(value: JsonValue, name: string): number {
  const number = asUint64(value, name);
  if (number >= 2n ** 32n) throw new CommandError(`Parameter '${name}' expects uint32_t`);
  return Number(number);
}

export function asList(value: JsonValue, name: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw wrongType(name, "array");
  return value;
}

/** One of a set of words. QEMU knows no name for a member of a list and prints `null`. */
export function asWord(words: readonly string[], value: JsonValue, name: string, printedName: string = name): string {
  const word = asString(value, name);
  if (!words.includes(word)) throw new CommandError(`Parameter '${printedName}' does not accept value '${word}'`);
  return word;
}

function wrongType(name: string, expected: string): CommandError {
  return new CommandError(`Invalid parameter type for '${name}', expected: ${expected}`);
}

/** True for what QEMU's option lists can hold; the rest is dropped there without a word. */
export function isScalar(value: JsonValue): value is string | boolean | bigint | JsonDouble {
  return value !== null && (typeof value !== "object" || value instanceof JsonDouble);
}

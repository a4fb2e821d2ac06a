import { type BytePieces, bytesOf } from "./byte-pieces.ts";

/** Texts of at most this length, and so many of them, are kept as bytes: a state has few different ones, many times. */
const KEPT_LENGTH = 64;
const MOST_KEPT = 4096;

/** Most entries of a list that is written as a whole. */
const SHORT = 4;

/** Writes plain data as `JSON.stringify(value, undefined, 2)` prints it, without the whole text in memory. */
export class JsonBytes {
  readonly #out: BytePieces;
  readonly #quoted = new Map<string, Uint8Array>();
  readonly #between = new Map<string, Uint8Array>();
  readonly #lines: Uint8Array[] = [];
  #last: { readonly list: readonly unknown[]; readonly columns: number; readonly bytes: Uint8Array } | undefined;

  constructor(out: BytePieces) {
    this.#out = out;
  }

  /** @param columns how far in all lines but the first stand */
  write(value: unknown, columns: number): void {
    this.#last = undefined;
    this.#value(value, columns);
  }

  #value(value: unknown, columns: number): void {
    if (typeof value === "string") this.#string(value);
    else if (typeof value === "number" && Number.isFinite(value)) this.#out.number(value === 0 ? 0 : value);
    else if (Array.isArray(value)) this.#list(value, columns);
    else if (isPlain(value)) this.#object(value, columns);
    else this.#out.text(JSON.stringify(value) ?? "null");
  }

  #object(value: Readonly<Record<string, unknown>>, columns: number): void {
    let isEmpty = true;
    for (const key of Object.keys(value)) {
      const own = value[key];
      if (own === undefined) continue;
      this.#keep(isEmpty ? "{" : ",");
      isEmpty = false;
      this.#line(columns + 2);
      this.#key(key);
      this.#keep(": ");
      this.#value(own, columns + 2);
    }
    if (isEmpty) this.#keep("{");
    else this.#line(columns);
    this.#keep("}");
  }

  /** Of many keys each is there once, and is a number. */
  #key(key: string): void {
    const number = Number(key);
    if (String(number) !== key || !Number.isSafeInteger(number)) return this.#string(key);
    this.#keep('"');
    this.#out.number(number);
    this.#keep('"');
  }

  #list(list: readonly unknown[], columns: number): void {
    if (list.length > SHORT) return this.#items(list, columns);
    // Many blocks in a row share what is said of them.
    if (this.#last?.list !== list || this.#last.columns !== columns) {
      const text = JSON.stringify(list, undefined, 2).replaceAll("\n", `\n${" ".repeat(columns)}`);
      this.#last = { list, columns, bytes: bytesOf(text) };
    }
    this.#out.bytes(this.#last.bytes);
  }

  #items(list: readonly unknown[], columns: number): void {
    for (let i = 0; i < list.length; i++) {
      this.#keep(i === 0 ? "[" : ",");
      this.#line(columns + 2);
      this.#value(list[i], columns + 2);
    }
    this.#line(columns);
    this.#keep("]");
  }

  #line(columns: number): void {
    this.#out.bytes((this.#lines[columns] ??= bytesOf(`\n${" ".repeat(columns)}`)));
  }

  #string(text: string): void {
    const known = this.#quoted.get(text);
    if (known !== undefined) return this.#out.bytes(known);
    if (text.length > KEPT_LENGTH || this.#quoted.size >= MOST_KEPT) return this.#out.text(JSON.stringify(text));
    const bytes = bytesOf(JSON.stringify(text));
    this.#quoted.set(text, bytes);
    this.#out.bytes(bytes);
  }

  /** What stands between values: few texts. */
  #keep(text: string): void {
    let bytes = this.#between.get(text);
    if (bytes === undefined) this.#between.set(text, (bytes = bytesOf(text)));
    this.#out.bytes(bytes);
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !("toJSON" in value);
}

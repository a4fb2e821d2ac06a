import type { TSchema, Type as TypeBuilder } from "@sinclair/typebox";

/** Fields of `machine`, in both forms of it or in the short one alone. */
export interface SchemaPart {
  readonly both?: Readonly<Record<string, TSchema>>;
  readonly short?: Readonly<Record<string, TSchema>>;
}

interface Words {
  readonly description?: string;
  readonly default?: unknown;
}

/** The words in which a schema of scenarios is written, so that what is read alike is described alike. */
export interface SchemaWords {
  /** Of TypeBox, given by whoever reads schemas: a machine alone, as in a browser, does without it. */
  readonly Type: Pick<
    typeof TypeBuilder,
    | "Array"
    | "Boolean"
    | "Integer"
    | "Literal"
    | "Null"
    | "Number"
    | "Object"
    | "Optional"
    | "Record"
    | "Recursive"
    | "String"
    | "Union"
    | "Unknown"
    | "Unsafe"
  >;
  /** A name of a device. */
  readonly id: TSchema;
  /** A proximity domain. */
  readonly node: TSchema;
  readonly count: (options?: Words & { readonly maximum?: number }) => TSchema;
  /** `128M`, `2G`, bytes. */
  readonly size: (options?: Words) => TSchema;
  readonly text: (options?: Words & { readonly maxLength?: number }) => TSchema;
  readonly word: (words: readonly string[], options?: Words) => TSchema;
  /** How many devices a description may name. */
  readonly maxDevices: number;
  readonly maxNodes: number;
}

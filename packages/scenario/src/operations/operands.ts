import { ParseError, parseSize } from "@memhp/abi";
import type { TInteger, TNumber, TString, TUnion, TUnsafe } from "@sinclair/typebox";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

/** Longest wait of one step, in seconds; the clock of a run ends at 2^53 ns, which is 104 days. */
export const MAX_SECONDS = 1_000_000;
/** Longest text of one operand, in characters: as much as the longest write of a recorded run, 64 times. */
export const MAX_TEXT: number = 1 << 18;

type Words = { readonly description?: string; readonly default?: unknown };

/** One of several words. */
export function word<const Word extends string>(words: readonly Word[], options: Words = {}): TUnsafe<Word> {
  return Type.Unsafe<Word>(
    Type.Union(
      words.map((each) => Type.Literal(each)),
      options,
    ),
  );
}

export function text(options: Words & { readonly minLength?: number; readonly maxLength?: number } = {}): TString {
  return Type.String({ maxLength: MAX_TEXT, ...options });
}

/** A name of a DIMM, a load, a program. */
export function name(options: Words = {}): TString {
  return Type.String({ minLength: 1, maxLength: 255, ...options });
}

export function count(options: Words & { readonly maximum?: number } = {}): TInteger {
  return Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...options });
}

export function seconds(options: Words = {}): TNumber {
  return Type.Number({ minimum: 0, maximum: MAX_SECONDS, ...options });
}

export function timeoutMs(): TInteger {
  return Type.Integer({
    minimum: 0,
    maximum: MAX_SECONDS * 1000,
    description: "Simulated milliseconds until whoever writes gets a signal",
  });
}

export function background(): TString {
  return name({
    description:
      "The write goes on beside the steps that follow, under this name; `finished` of a later step has its result",
  });
}

export type Size = TUnion<[TString, TInteger]>;

const SIZE = String.raw`^\s*\d+(?:\.\d+)?\s*(?:[KMGTPkmgtp](?:[iI]?[bB])?|[bB])?\s*$`;

export function size(options: Words = {}): Size {
  return Type.Union(
    [Type.String({ pattern: SIZE, maxLength: 64 }), Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })],
    {
      title: "a size such as 128M",
      description: "128M, 2G, or a number of bytes",
      examples: ["128M", "2G"],
      ...options,
    },
  );
}

/** Bytes of a size, or 0. @throws StepError for none. */
export function sizeOf(op: string, operand: string, value: string | number): number {
  try {
    return parseSize(value);
  } catch (error) {
    if (error instanceof ParseError) throw new StepError(`${op}: ${operand}: ${error.message}`, operand);
    throw error;
  }
}

/** Bytes of a size that is more than 0. @throws StepError for none. */
export function bytesOf(op: string, operand: string, value: string | number): number {
  const bytes = sizeOf(op, operand, value);
  if (bytes > 0) return bytes;
  throw new StepError(`${op}: ${operand}: a size of 0 is no size`, operand);
}

const NUMBER = String.raw`^(?:\d+|0[xX][0-9a-fA-F]+|\$\{[^}]+\})$`;

/** A number, or a reference to a DIMM that stands for one. */
export function referable(options: Words = {}): Size {
  return Type.Union(
    [Type.String({ pattern: NUMBER, maxLength: 255 }), Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })],
    { title: "a whole number, or a reference such as ${d0.first}", ...options },
  );
}

/** What a number, or a resolved reference, stands for. @throws StepError */
export function numberOf(op: string, operand: string, value: string | number): number {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new StepError(`${op}: ${operand}: expected a whole number from 0, found ${JSON.stringify(value)}`, operand);
}

export const MEMORY: string = "/sys/devices/system/memory";

export function path(): TString {
  return Type.String({
    minLength: 1,
    maxLength: 4096,
    description: "Absolute, or below /sys/devices/system/memory",
  });
}

export function absolute(path: string): string {
  return path.startsWith("/") ? path : `${MEMORY}/${path}`;
}

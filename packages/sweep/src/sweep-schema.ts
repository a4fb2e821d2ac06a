import { refusalCodes } from "@memhp/abi";
import { type TObject, type TSchema, Type } from "@sinclair/typebox";

/** `format` of a sweep. */
export const SWEEP_FORMAT = "memhp-sweep/1";
/** Most runs of a sweep. */
export const MAX_RUNS = 1_000_000;

const seed = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const runs = Type.Integer({ minimum: 1, maximum: MAX_RUNS });
const name: string = "^[A-Za-z][A-Za-z0-9_]*$";
const text = Type.String({ maxLength: 1 << 16 });

const parameter = Type.Union(
  [
    Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_RUNS }),
    Type.Object(
      {
        from: Type.Number(),
        to: Type.Number(),
        step: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, description: "How far values lie apart; a grid needs it" }),
        ),
        whole: Type.Optional(Type.Boolean({ description: "Whole numbers only" })),
        unit: Type.Optional(Type.String({ maxLength: 8, description: "Stands behind the number: 128M" })),
      },
      { additionalProperties: false },
    ),
  ],
  { title: "a list of values, or {from, to}" },
);

const search = Type.Union(
  [
    Type.Literal("grid"),
    Type.Object({ random: runs, seed: Type.Optional(seed) }, { additionalProperties: false }),
    Type.Object({ latin: runs, seed: Type.Optional(seed) }, { additionalProperties: false }),
  ],
  { title: "grid, {random: N} or {latin: N}", description: "Every combination; drawn ones; a latin hypercube" },
);

const seeds = Type.Union(
  [
    Type.Array(seed, { minItems: 1, maxItems: MAX_RUNS }),
    Type.Object({ from: Type.Optional(seed), count: runs }, { additionalProperties: false }),
  ],
  { title: "a list of seeds, or {from, count}" },
);

const path = Type.String({ minLength: 1, maxLength: 1024, description: "steps[3].result.onlined, steps.LABEL.errno" });
const match = Type.Optional(
  Type.String({ minLength: 1, maxLength: 1024, description: "The first group of this expression in a text" }),
);

const measure = Type.Union(
  [
    Type.Object({ value: path, match }, { additionalProperties: false }),
    Type.Object({ sum: path, match }, { additionalProperties: false }),
    Type.Object(
      { quantile: Type.Number({ minimum: 0, maximum: 1, description: "0.5 is the median" }), of: path, match },
      { additionalProperties: false },
    ),
    Type.Object(
      { refusals: Type.Union([Type.Literal("all"), ...refusalCodes.map((code) => Type.Literal(code))]) },
      { additionalProperties: false },
    ),
    Type.Object({ expectations: Type.Literal("met") }, { additionalProperties: false }),
  ],
  { title: "one of {value: PATH}, {sum: PATH}, {quantile: Q, of: PATH}, {refusals: CODE or all}, {expectations: met}" },
);

const value = Type.Union([Type.Number(), Type.String({ maxLength: 1024 }), Type.Boolean()]);
const measured = Type.String({ pattern: name, description: "Name of a measure" });
const times = Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_RUNS, description: "So many runs; 1 by default" }));

const when = Type.Union(
  [
    Type.Object({ measure: measured, is: value, runs: times }, { additionalProperties: false }),
    Type.Object({ measure: measured, at_least: Type.Number(), runs: times }, { additionalProperties: false }),
    Type.Object({ measure: measured, at_most: Type.Number(), runs: times }, { additionalProperties: false }),
  ],
  { title: "{measure, is: VALUE}, {measure, at_least: N} or {measure, at_most: N}" },
);

const confidence = Type.Object(
  {
    measure: measured,
    is: Type.Optional(value),
    half_width: Type.Number({ exclusiveMinimum: 0, description: "In the measure's unit; of a share from 0 to 1" }),
    level: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: "0.95 by default" })),
    least: Type.Optional(
      Type.Integer({ minimum: 2, maximum: MAX_RUNS, description: "Runs of each combination at least; 30 by default" }),
    ),
  },
  {
    additionalProperties: false,
    description: "The mean of a measure, or with is the share of runs with that value, is known to within half_width",
  },
);

const stop = Type.Object(
  { when: Type.Optional(when), confidence: Type.Optional(confidence) },
  {
    additionalProperties: false,
    minProperties: 1,
    description: "The sweep ends with the first run, in the order of the runs, after which one of these holds",
  },
);

function named(of: TSchema, description: string): TSchema {
  return Type.Record(Type.String({ pattern: name }), of, { additionalProperties: false, description });
}

/** The schema of a sweep file, from which the reader checks it. */
export const sweepSchema: TObject = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    format: Type.Literal(SWEEP_FORMAT),
    name: Type.Optional(Type.String({ maxLength: 1024 })),
    about: Type.Optional(text),
    question: Type.Optional(text),
    answer: Type.Optional(text),
    facts: Type.Optional(Type.Array(text)),
    from: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description:
          "An image that memhp run --save wrote, or a captured host, with which every run begins; beside this file",
      }),
    ),
    parameters: named(parameter, "What differs between runs; {{name}} stands for the value in the scenario"),
    search: Type.Optional(search),
    seeds: Type.Optional(seeds),
    scenario: Type.Record(Type.String(), Type.Unknown(), {
      description: "A scenario, in which {{name}} may stand anywhere",
    }),
    measures: named(measure, "What is told of each run"),
    stop: Type.Optional(stop),
  },
  { additionalProperties: false },
);

/** Which values a parameter takes. */
export type ParameterSpec =
  | readonly unknown[]
  | {
      readonly from: number;
      readonly to: number;
      readonly step?: number;
      readonly whole?: boolean;
      readonly unit?: string;
    };

export type SearchSpec =
  | "grid"
  | { readonly random: number; readonly seed?: number }
  | { readonly latin: number; readonly seed?: number };

export type SeedsSpec = readonly number[] | { readonly from?: number; readonly count: number };

/** What is measured of each run. */
export type MeasureSpec =
  | { readonly value: string; readonly match?: string }
  | { readonly sum: string; readonly match?: string }
  | { readonly quantile: number; readonly of: string; readonly match?: string }
  | { readonly refusals: string }
  | { readonly expectations: "met" };

/** Ends a sweep with the run by which so many runs (by default one) have a value of a measure. */
export type RuleSpec = { readonly measure: string; readonly runs?: number } & (
  | { readonly is: number | string | boolean }
  | { readonly at_least: number }
  | { readonly at_most: number }
);

/** Ends a sweep when the interval of a measure's mean, or of the share of runs with a value, is narrow enough. */
export interface ConfidenceSpec {
  readonly measure: string;
  /** Of runs with this value the share is meant; otherwise the mean. */
  readonly is?: number | string | boolean;
  /** In the measure's unit; of a share from 0 to 1. */
  readonly half_width: number;
  /** How sure, from 0 to 1: 0.95 unless told otherwise. */
  readonly level?: number;
  /** Runs of each combination at least: 30 unless told otherwise. */
  readonly least?: number;
}

/** When a sweep ends before all runs are done. */
export interface StopSpec {
  readonly when?: RuleSpec;
  readonly confidence?: ConfidenceSpec;
}

/** A sweep as its file wrote it, checked. */
export interface SweepDocument {
  readonly format: typeof SWEEP_FORMAT;
  readonly name?: string;
  readonly about?: string;
  readonly question?: string;
  readonly answer?: string;
  readonly facts?: readonly string[];
  readonly from?: string;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly search?: SearchSpec;
  readonly seeds?: SeedsSpec;
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly measures: Readonly<Record<string, MeasureSpec>>;
  readonly stop?: StopSpec;
}

import { quantile } from "simple-statistics";
import type { ExpectationFailure, TraceStep } from "@memhp/scenario";
import { SweepError } from "./sweep-error.ts";
import type { MeasureSpec } from "./sweep-schema.ts";

/** What a measure says of a run; null where the run has no such value. */
export type Measured = number | string | boolean | null;

/** A run as measures see it. */
interface MeasuredRun {
  readonly kernel: string;
  readonly steps: readonly TraceStep[];
  readonly labels: ReadonlyMap<string, readonly number[]>;
  readonly failures: readonly ExpectationFailure[];
  /** The machine's state at the end. */
  readonly final: () => unknown;
}

export interface Measure {
  readonly name: string;
  /** @throws SweepError for a label that no step has. */
  check(labels: ReadonlySet<string>): void;
  of(run: MeasuredRun): Measured;
}

/** @throws SweepError */
export function readMeasure(name: string, spec: MeasureSpec): Measure {
  if ("refusals" in spec) return { name, check() {}, of: ({ steps }) => countRefusals(steps, spec.refusals) };
  if ("expectations" in spec) return { name, check() {}, of: ({ failures }) => failures.length === 0 };
  const path = readPath(name, "value" in spec ? spec.value : "sum" in spec ? spec.sum : spec.of);
  const pattern = spec.match === undefined ? undefined : patternOf(name, spec.match);
  const label = path[0] === "steps" && typeof path[1] === "string" ? path[1] : undefined;
  const valuesOf = (run: MeasuredRun): Measured[] => placesOf(path, run).map((found) => plain(found, pattern));
  return {
    name,
    check(labels) {
      if (label !== undefined && !labels.has(label))
        throw new SweepError(
          `measures.${name}: no step has the label ${JSON.stringify(label)} (there are: ${[...labels].join(", ") || "none"})`,
        );
    },
    of: (run) => {
      const values = valuesOf(run);
      if ("value" in spec) return values.at(-1) ?? null;
      if ("quantile" in spec) {
        const numbers = values.filter((value) => typeof value === "number");
        return numbers.length === 0 ? null : quantile(numbers, spec.quantile);
      }
      return values.reduce<number>((sum, value) => sum + (typeof value === "number" ? value : 0), 0);
    },
  };
}

type Path = readonly (string | number)[];

/** `steps[3].result.onlined`. */
function readPath(name: string, text: string): Path {
  const path: (string | number)[] = [];
  let rest = `.${text}`;
  while (rest !== "") {
    const part = /^(?:\.([A-Za-z0-9_:-]+)|\[(-?\d+)\])/.exec(rest);
    if (part === null)
      throw new SweepError(`measures.${name}: ${JSON.stringify(text)} is no path (such as steps[3].result.onlined)`);
    path.push(part[1] ?? Number(part[2]));
    rest = rest.slice(part[0].length);
  }
  if (!["steps", "final", "kernel"].includes(String(path[0])))
    throw new SweepError(`measures.${name}: ${JSON.stringify(text)}: a path begins with steps, final or kernel`);
  return path;
}

function patternOf(name: string, source: string): RegExp {
  try {
    return new RegExp(source, "m");
  } catch (error) {
    throw new SweepError(`measures.${name}: match: ${(error as Error).message}`);
  }
}

/** What lies at a path; of a label, in each step that has it. */
function placesOf([root, ...rest]: Path, run: MeasuredRun): unknown[] {
  if (root === "kernel") return [run.kernel];
  if (root === "final") return [valueAt(run.final(), rest)];
  const [which, ...within] = rest;
  if (which === undefined) return [];
  if (typeof which === "number") return [valueAt(run.steps.at(which), within)];
  return (run.labels.get(which) ?? []).map((i) => valueAt(run.steps[i], within));
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null) return undefined;
    if (typeof part === "number") at = Array.isArray(at) ? (at as unknown[]).at(part) : undefined;
    else at = Object.hasOwn(at, part) ? (at as Readonly<Record<string, unknown>>)[part] : undefined;
  }
  return at;
}

function plain(value: unknown, pattern: RegExp | undefined): Measured {
  if (pattern !== undefined) {
    const found = typeof value === "string" ? pattern.exec(value) : null;
    return found === null ? null : numeric(found[1] ?? found[0]);
  }
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return numeric(value.trimEnd());
  if (typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}

/** A text that is a decimal number counts as one. */
function numeric(text: string): number | string {
  return /^-?\d+(?:\.\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Refusals of steps, and of single blocks within bulk steps. */
function countRefusals(steps: readonly TraceStep[], code: string): number {
  const isMeant = (each: { readonly code?: string } | undefined): boolean =>
    each !== undefined && (code === "all" || each.code === code);
  let count = 0;
  for (const { result, refusal } of steps) {
    const { refused } = (result ?? {}) as { readonly refused?: unknown };
    if (Array.isArray(refused)) count += (refused as { readonly code?: string }[]).filter(isMeant).length;
    else if (isMeant(refusal)) count++;
  }
  return count;
}

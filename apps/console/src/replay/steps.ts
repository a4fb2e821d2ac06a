import { compareWithKernel, type Difference } from "@memhp/recorded";
import type { DocumentStep, TraceStep } from "@memhp/scenario";
import type { Replay } from "./replay.ts";

/** How a step came out. `plain` steps were neither recorded nor expected, or cannot be compared. */
export type Verdict = "same" | "differs" | "plain";

export interface StepView {
  readonly index: number;
  readonly title: string;
  readonly verdict: Verdict;
}

/** One line of the comparison: a path and the two values there, as JSON. */
export interface FieldRow {
  readonly path: string;
  /** What the kernel answered, or the scenario expects; undefined where nothing is there. */
  readonly recorded: string | undefined;
  readonly memhp: string | undefined;
  /** `varies` differs too, but from boot to boot of one kernel, so it is not compared. */
  readonly mark: "same" | "differs" | "varies" | "unrecorded";
}

/** The steps of a run with their verdicts. */
export function stepViews(replay: Replay): StepView[] {
  return replay.document.steps.map((step, index) => ({
    index,
    title: replay.words[index]?.asked ?? step.request.op,
    verdict: verdictOf(replay, step, index),
  }));
}

function verdictOf({ document, trace, comparison, failures }: Replay, step: DocumentStep, index: number): Verdict {
  if (comparison === undefined) {
    if (step.expect === undefined) return "plain";
    return failures.some((failure) => failure.step === index) ? "differs" : "same";
  }
  if (comparison.differences.some((difference) => difference.step === index)) return "differs";
  // Whether a step can be compared at all only the comparison itself knows.
  const alone = compareWithKernel(
    { ...document, steps: [step] },
    { ...trace, steps: trace.steps.slice(index, index + 1) },
  );
  return alone.total === 1 ? "same" : "plain";
}

/** The differences that a step has, of either kind. */
export function differencesOf({ comparison, failures }: Replay, index: number): Difference[] {
  if (comparison !== undefined) return comparison.differences.filter((difference) => difference.step === index);
  return failures
    .filter((failure) => failure.step === index)
    .map(({ step, what, expected, actual }) => ({ step, what, kernel: expected, memhp: actual }));
}

/** Fields that a person compares; the request and notes of the recorder are shown elsewhere. */
const comparedKeys = ["result", "uevents", "qmp_events", "notifications", "after_state"] as const;
const ownKeys = [...comparedKeys, "refusal"] as const;

/** The kernel's answer beside memhp's, path by path. */
export function fieldRows(replay: Replay, index: number): FieldRow[] {
  const step = replay.document.steps[index];
  const ours = replay.trace.steps[index];
  if (step === undefined || ours === undefined) return [];
  const recorded = step.recorded ?? expectedFields(step.expect);
  const left = new Map(recorded === undefined ? [] : flatten(recorded, comparedKeys));
  const right = new Map(flatten(ours as unknown as Record<string, unknown>, ownKeys));
  const differing = differencesOf(replay, index).map(({ what }) => what);
  const paths = [...left.keys(), ...[...right.keys()].filter((path) => !left.has(path))];
  // A field that was not recorded at all (4.1 has no notifications) is shown, not judged.
  const present = new Set([...left.keys()].map((path) => path.split(".")[0]));
  return paths
    .map((path): FieldRow => {
      const [kernel, memhp] = [left.get(path), right.get(path)];
      const row = { path, recorded: kernel, memhp };
      if (kernel === memhp) return { ...row, mark: "same" };
      if (isJudged(path, differing)) return { ...row, mark: "differs" };
      return {
        ...row,
        mark:
          recorded === undefined || !present.has(path.split(".")[0]) || step.expect !== undefined
            ? "unrecorded"
            : "varies",
      };
    })
    .sort((a, b) => order(a.path) - order(b.path));
}

function order(path: string): number {
  return ownKeys.findIndex((key) => path === key || path.startsWith(`${key}.`));
}

/** The paths of differences leave `result.` out in states, and go deeper where a row is a list. */
function isJudged(path: string, differing: readonly string[]): boolean {
  const short = path.replace(/^result\./, "");
  return differing.some((what) =>
    [path, short].some((p) => what === p || what.startsWith(`${p}.`) || p.startsWith(`${what}.`)),
  );
}

function expectedFields(expect: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  if (expect === undefined) return undefined;
  const beside = new Set<string>(ownKeys);
  const result: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(expect)) (beside.has(key) ? fields : result)[key] = value;
  return Object.keys(result).length === 0
    ? fields
    : { ...fields, result: { ...result, ...(fields["result"] as object | undefined) } };
}

const MAX_DEPTH = 4;

function* flatten(
  value: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Generator<[path: string, text: string]> {
  for (const key of keys) if (value[key] !== undefined) yield* flattenInto(key, value[key], 1);
}

function* flattenInto(path: string, value: unknown, depth: number): Generator<[path: string, text: string]> {
  const isObject = typeof value === "object" && value !== null;
  const isListOfObjects =
    Array.isArray(value) &&
    value.length > 0 &&
    path !== "result" &&
    (path === "uevents" || path === "qmp_events" || path === "notifications");
  if (isObject && depth < MAX_DEPTH && (!Array.isArray(value) || isListOfObjects) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value))
      yield* flattenInto(`${path}.${key}`, inner, isListOfObjects ? MAX_DEPTH : depth + 1);
  } else {
    yield [path, JSON.stringify(value, sortedKeys)];
  }
}

/** Objects may name their fields in any order. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What memhp's step was given, for a person. */
export function recordedNotes(step: DocumentStep, ours: TraceStep | undefined): string[] {
  return [
    ...(step.unmovablePages ? ["In the recorded run the block held kernel pages at this step (given)."] : []),
    ...(ours?.result === null
      ? ["This step ran programs inside the guest; a simulated kernel has none, so it is not compared."]
      : []),
  ];
}

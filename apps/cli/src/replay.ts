import { compareWithKernel } from "@memhp/recorded";
import type { RunDocument, RunOutcome, Trace } from "@memhp/scenario";
import { RunFailed, InputError } from "./errors.ts";
import { execute, type ExecuteOptions } from "./execute.ts";
import type { Host } from "./host.ts";
import type { RunReader } from "./readers/reader.ts";
import type { Verdict } from "./timeline/timeline.ts";

/** One thing in which memhp and the kernel disagree. */
interface FileDifference {
  readonly step: number;
  readonly what: string;
  readonly kernel: unknown;
  readonly memhp: unknown;
}

/** How the replay of one trace went. */
export interface FileReport {
  readonly file: string;
  readonly kernel: string;
  /** Steps that can be compared, and steps without a difference. */
  readonly total: number;
  readonly matched: number;
  readonly differences: readonly FileDifference[];
  /** Words of its machine that are not carried out; absent where there are none. */
  readonly ignored?: NonNullable<Trace["ignored"]>;
}

/** What `memhp replay --json` prints. */
export interface ReplayReport {
  readonly total: number;
  readonly matched: number;
  readonly files: readonly FileReport[];
}

/** Adds the files up. */
export function replayReport(files: readonly FileReport[]): ReplayReport {
  const sum = (count: (file: FileReport) => number): number => files.reduce((total, file) => total + count(file), 0);
  return { total: sum(({ total }) => total), matched: sum(({ matched }) => matched), files };
}

/**
 * Runs one trace and compares. A trace that memhp cannot run to its end has no matching step: the kernel
 * could. Bugs of memhp come out as exceptions.
 */
export async function replayTrace(
  document: RunDocument,
  file: string,
  options: ExecuteOptions,
  host: Host,
  readers: readonly RunReader[],
): Promise<FileReport> {
  const { kernel } = document;
  let outcome: RunOutcome;
  try {
    outcome = await execute({ document, file, options, readers }, host);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof RunFailed)) throw error;
    const total = document.steps.filter(({ recorded }) => recorded?.["result"] !== null).length;
    return {
      file,
      kernel,
      total,
      matched: 0,
      differences: [{ step: 0, what: "run", kernel: "ran", memhp: error.message }],
    };
  }
  const { total, matched, differences } = compareWithKernel(document, outcome.trace);
  const { ignored } = outcome.trace;
  const known = (value: unknown): unknown => value ?? null;
  return {
    file,
    kernel,
    total,
    matched,
    ...(ignored === undefined ? {} : { ignored }),
    differences: differences.map(({ step, what, kernel, memhp }) => ({
      step,
      what,
      kernel: known(kernel),
      memhp: known(memhp),
    })),
  };
}

/** For each step: as on the kernel, different, or nothing that can be compared. */
export function stepVerdicts(document: RunDocument, { trace }: RunOutcome): Verdict[] {
  return document.steps.map((step, i) => {
    const done = trace.steps[i];
    if (done === undefined) return undefined;
    const { total, matched } = compareWithKernel({ ...document, steps: [step] }, { ...trace, steps: [done] });
    if (total === 0) return undefined;
    return matched === total ? "same" : "different";
  });
}

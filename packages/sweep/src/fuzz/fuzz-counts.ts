import type { FuzzResult } from "./fuzz-case.ts";
import type { Law } from "./laws.ts";

/** What random runs came to, all together. */
export interface FuzzCounts {
  /** Cases that were played. */
  cases: number;
  /** Steps that were carried out. */
  operations: number;
  /** Steps that made no sense where they stood, and machines that there cannot be. */
  refused: number;
  /** Kernels that died by a BUG of their own. */
  dead: number;
  /** Runs in which something waited for what could never come. */
  stuck: number;
  readonly byOperation: Record<string, number>;
  readonly byKernel: Record<string, number>;
  /** How often each law was checked. */
  readonly checks: Partial<Record<Law, number>>;
  /** Cases that broke a law, or whose worker was lost. */
  findings: number;
}

/** Nothing has been run yet. */
export function noCounts(): FuzzCounts {
  return {
    cases: 0,
    operations: 0,
    refused: 0,
    dead: 0,
    stuck: 0,
    byOperation: {},
    byKernel: {},
    checks: {},
    findings: 0,
  };
}

/** Adds what came of a case. */
export function count(
  counts: FuzzCounts,
  { kernel, operations, refused, ended, checks, finding, lost }: FuzzResult,
): void {
  counts.cases++;
  counts.refused += refused;
  if (ended === "dead" || ended === "stuck") counts[ended]++;
  if (finding !== undefined || lost !== undefined) counts.findings++;
  let carriedOut = 0;
  for (const [op, times] of Object.entries(operations)) {
    carriedOut += times;
    counts.byOperation[op] = (counts.byOperation[op] ?? 0) + times;
  }
  counts.operations += carriedOut;
  counts.byKernel[kernel] = (counts.byKernel[kernel] ?? 0) + carriedOut;
  for (const [law, times] of Object.entries(checks))
    counts.checks[law as Law] = (counts.checks[law as Law] ?? 0) + times;
}

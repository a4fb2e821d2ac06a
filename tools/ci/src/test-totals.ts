export interface TestTotals {
  readonly passed: number;
  readonly failed: number;
  /** Tests marked skip or todo, or left out by a filter. */
  readonly skipped: number;
}

interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Totals of vitest's JSON report. No report at all counts as one failure. */
export function countTests(report: string | undefined): TestTotals {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const json = JSON.parse(report) as JsonReport;
  // A file that could not even be loaded, or whose hook failed, has no failed test of its own.
  const brokenFiles = json.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests + brokenFiles,
    skipped: json.numPendingTests + json.numTodoTests,
  };
}

export function formatTotals({ passed, failed, skipped }: TestTotals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

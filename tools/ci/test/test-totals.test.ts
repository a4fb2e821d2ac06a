import { expect, test } from "vitest";
import { countTests, formatTotals } from "../src/test-totals.ts";

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((t) => ({ status: t })) });

test("skip and todo both count as skipped", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 4,
    testResults: [file("failed", "failed")],
  };
  expect(formatTotals(countTests(JSON.stringify(report)))).toBe("3 passed, 1 failed, 6 skipped");
});

test("a file that does not load is a failure although no test of it ran", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [file("passed", "passed"), file("failed")],
  };
  expect(countTests(JSON.stringify(report)).failed).toBe(1);
});

test("a run that wrote no report is a failure", () => {
  expect(countTests(undefined).failed).toBe(1);
});

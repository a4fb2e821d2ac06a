import type { ExpectationFailure } from "@memhp/scenario";

/** Each expectation that failed, in one line: file, step, what, expected, actual. */
export function failureLines(failures: readonly ExpectationFailure[], file: string): string {
  const json = (value: unknown): string => JSON.stringify(value) ?? "nothing";
  return failures
    .map(
      ({ step, what, expected, actual }) =>
        `${file}: step ${step}: ${what}: expected ${json(expected)}, actual ${json(actual)}\n`,
    )
    .join("");
}

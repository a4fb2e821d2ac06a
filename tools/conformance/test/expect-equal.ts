import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";

/**
 * `toEqual` for what a test asks thousands of times: the assertion, which costs a hundred times as much, only where the values are
 * not the same to the letter.
 */
export function expectEqual(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
}

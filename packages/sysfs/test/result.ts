import type { Errno, Result } from "@memhp/abi";

/** The value, or a failed test that says what was refused. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.errno}: ${result.refusal.detail ?? result.refusal.rule}`);
  return result.value;
}

/** The errno of a refusal, 0 for a value. */
export function errnoOf(result: Result<unknown>): Errno | 0 {
  return result.ok ? 0 : result.refusal.errno;
}

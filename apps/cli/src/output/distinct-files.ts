import { statSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../errors.ts";

/** A file of a command line: what it is called there, and its path. */
export interface NamedFile {
  readonly what: string;
  readonly path: string;
}

/**
 * Nothing that is read may be overwritten, and nothing written twice. What is no ordinary file (`-`, a pipe, /dev/null) may stand
 * where it likes.
 * @throws UsageError
 */
export function assertDistinct(inputs: readonly NamedFile[], outputs: readonly NamedFile[]): void {
  const seen = new Map<string, { readonly what: string; readonly isInput: boolean }>();
  const all = [
    ...inputs.map((file) => ({ ...file, isInput: true })),
    ...outputs.map((file) => ({ ...file, isInput: false })),
  ];
  for (const { what, path, isInput } of all) {
    const identity = identityOf(path);
    if (identity === undefined) continue;
    const other = seen.get(identity);
    if (other !== undefined && !isInput)
      throw new UsageError(
        other.isInput
          ? `${what}: ${path} is ${other.what}, which would be overwritten`
          : `${what}: ${path} is written by ${other.what} already`,
      );
    seen.set(identity, { what, isInput });
  }
}

/** The same for two names of one file. */
function identityOf(path: string): string | undefined {
  if (path === "-") return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return resolve(path);
  return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
}

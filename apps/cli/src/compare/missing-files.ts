import type { StepRequest, Trace, TraceStep } from "@memhp/scenario";
import type { Projection } from "./compare-kernels.ts";

/** The file that a step reads or writes, where it is one that comes with the kernel: not one of a block or a node. */
function kernelFile({ op, path }: StepRequest): string | undefined {
  if ((op !== "read" && op !== "write") || typeof path !== "string") return undefined;
  return /\/?(?:memory|node|cpu)\d+\/|\$\{/.test(path) ? undefined : path;
}

function isMissing({ result }: TraceStep): boolean {
  const { errno, open_errno } = (result ?? {}) as { readonly errno?: unknown; readonly open_errno?: unknown };
  return (open_errno ?? errno) === "ENOENT";
}

/** Files that steps name and that some of the kernels do not have, with those kernels. */
export function missingFiles(traces: readonly Trace[]): ReadonlyMap<string, readonly string[]> {
  const missing = new Map<string, readonly string[]>();
  for (const [i, { step }] of (traces[0]?.steps ?? []).entries()) {
    const path = kernelFile(step);
    if (path === undefined) continue;
    const without = traces
      .filter(({ steps }) => steps[i] !== undefined && isMissing(steps[i]))
      .map(({ kernel }) => kernel);
    if (without.length > 0 && without.length < traces.length) missing.set(path, without);
  }
  return missing;
}

/** Leaves steps out that name these files. */
export function withoutFiles(files: ReadonlySet<string>): Projection {
  return ({ step }, view) => (files.has(kernelFile(step) ?? "") ? {} : view);
}

import { builds, type Kernel, kernels } from "@memhp/kernels";
import { UsageError } from "../errors.ts";

const all: readonly Kernel[] = [...kernels, ...builds];

/** Kernels of the command line, by their ids; all where none is named. @throws UsageError */
export function chosenKernels(names: readonly string[]): readonly Kernel[] {
  if (names.length === 0) return all;
  for (const name of names)
    if (!all.some(({ id }) => id === name))
      throw new UsageError(
        `--kernel: ${JSON.stringify(name)} is not known (allowed: ${all.map(({ id }) => id).join(", ")})`,
      );
  return all.filter(({ id }) => names.includes(id));
}

export function kernelNote(): string {
  return `Kernels: ${all.map(({ id }) => id).join(", ")}.`;
}

import type { Kernel } from "./kernel.ts";

/** One sentence about a kernel that nobody has recorded; undefined where recorded runs prove it. */
export function sourceNote({ title, source }: Pick<Kernel, "title" | "source">): string | undefined {
  return source === undefined
    ? undefined
    : `${title} is from source (${source.release}), not recorded; what its source does not say otherwise is as ${source.like} has it.`;
}

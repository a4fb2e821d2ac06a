import type { MemoryRange } from "@memhp/acpi";
import type { MemoryMap } from "@memhp/engine";

/** Memory blocks that exist in a range, ascending. */
export function blocksIn({ blocks: rows }: MemoryMap, blockSizeBytes: number, { start, size }: MemoryRange): number[] {
  const last = Math.ceil((start + size) / blockSizeBytes) - 1;
  const first = Math.floor(start / blockSizeBytes);
  if (last - first >= rows.size) return [...rows.ids()].filter((id) => id >= first && id <= last);
  const blocks: number[] = [];
  for (let id = first; id <= last; id++) if (rows.has(id)) blocks.push(id);
  return blocks;
}

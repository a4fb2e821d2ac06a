import { BlockFlag } from "./block-table.ts";
import type { MemoryMap } from "./memory-map.ts";
import type { PageStore } from "./pages/page-store.ts";
import { unmovableBlocks } from "./pages/unmovable.ts";

/**
 * 4.1: `removable` is a scan of the pages, so a block's row says what it would find (facts §2.7).
 * @returns the blocks of these nodes whose row has changed.
 */
export function flagUnmovable(
  map: MemoryMap,
  stores: { of(node: number): PageStore },
  nodes: ReadonlySet<number>,
): number[] {
  if (map.kernel.zones.removableFile !== "page-scan" || nodes.size === 0) return [];
  const found = new Set([...nodes].flatMap((node) => [...unmovableBlocks(stores.of(node))]));
  const changed: number[] = [];
  for (const block of map.blocks.ids()) {
    if (!nodes.has(map.blocks.node(block)) || map.blocks.hasFlag(block, BlockFlag.unmovable) === found.has(block))
      continue;
    map.blocks.setFlag(block, BlockFlag.unmovable, found.has(block));
    changed.push(block);
  }
  return changed;
}

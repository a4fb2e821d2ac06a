import { formatNumberList } from "@memhp/abi";
import { BlockState, type MemoryMap } from "@memhp/engine";
import type { Kernel } from "@memhp/kernels";
import { type AddedFiles, readOnly } from "@memhp/sysfs";

/** Tiers by abstract distance, in steps of 128: that of DRAM (576), and five times so far what kmem brings, where firmware has no HMAT. */
const DRAM_TIER = 4;
const KMEM_TIER = 22;

/**
 * /sys/devices/virtual/memory_tiering: which nodes with memory are how far (mm/memory-tiers.c since 6.1, drivers/dax/kmem.c; from source, not
 * recorded; the uevents of tiers are not told).
 * @param slowBlocks what drivers brought as memory slower than DRAM: a node that has no other is of its tier.
 */
export function memoryTierFiles(kernel: Kernel, map: MemoryMap, slowBlocks: () => Iterable<number>): AddedFiles {
  if (kernel.machine.memoryTiers === "none" || !kernel.config.NUMA) return () => ({});
  const tier = (id: number, nodes: readonly number[]): ReturnType<AddedFiles> =>
    nodes.length === 0
      ? {}
      : {
          [`/sys/devices/virtual/memory_tiering/memory_tier${id}/nodelist`]: readOnly(
            () => `${formatNumberList(nodes)}\n`,
          ),
        };
  return () => {
    const slowPages = new Map<number, number>();
    for (const block of slowBlocks()) {
      if (map.blocks.state(block) !== BlockState.online) continue;
      const node = map.blocks.node(block);
      slowPages.set(node, (slowPages.get(node) ?? 0) + map.blockPages);
    }
    const nodes = [...map.nodes.values()].filter(({ hasMemory }) => hasMemory);
    const isSlow = ({ id, presentPages }: (typeof nodes)[number]): boolean => slowPages.get(id) === presentPages;
    const ids = (ofSlow: boolean): number[] => nodes.filter((node) => isSlow(node) === ofSlow).map(({ id }) => id);
    return { ...tier(DRAM_TIER, ids(false)), ...tier(KMEM_TIER, ids(true)) };
  };
}

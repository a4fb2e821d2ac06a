import { type KernelProfile, ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import type { NodeMemory } from "@memhp/engine";

/** Watermarks of one zone; pages. */
export interface Watermarks {
  readonly minPages: number;
  readonly lowPages: number;
  readonly highPages: number;
  readonly promoPages: number;
}

const KB_PER_PAGE = 4;
const WATERMARK_SCALE = 10;

/** min_free_kbytes as init_per_zone_wmark_min computes it from the low memory (facts/kernel.md §9.3). */
function minFreeKb(profile: KernelProfile, nodes: readonly NodeMemory[]): number {
  const lowmemPages = nodes.reduce(
    (sum, node) => sum + node.zones.reduce((s, zone) => s + (zone.index === ZONE_MOVABLE ? 0 : zone.managedPages), 0),
    0,
  );
  const root = Math.floor(Math.sqrt(lowmemPages * KB_PER_PAGE * 16));
  const most = profile.generation === "4.1" ? 65536 : 262144;
  return Math.min(Math.max(root, 128), most);
}

/** Watermarks of each zone of each node (facts/kernel.md §9.3). */
export function zoneWatermarks(
  profile: KernelProfile,
  nodes: readonly NodeMemory[],
): (node: NodeMemory, zone: ZoneIndex) => Watermarks {
  const minPages = minFreeKb(profile, nodes) / KB_PER_PAGE;
  const is41 = profile.generation === "4.1";
  const counted = nodes.flatMap((node) =>
    node.zones
      .filter((zone) => is41 || zone.index !== ZONE_MOVABLE || profile.id === "6.1")
      .map((zone) => zone.managedPages),
  );
  const total = counted.reduce((sum, pages) => sum + pages, 0);
  return (node, index) => {
    const managed = node.zones[index].managedPages;
    const share = total === 0 ? 0 : Math.floor((minPages * managed) / total);
    if (is41) {
      return {
        minPages: share,
        lowPages: share + Math.floor(share / 4),
        highPages: share + Math.floor(share / 2),
        promoPages: 0,
      };
    }
    const step = Math.max(Math.floor(share / 4), Math.floor((managed * WATERMARK_SCALE) / 10000));
    return { minPages: share, lowPages: share + step, highPages: share + 2 * step, promoPages: share + 3 * step };
  };
}

/** lowmem_reserve of a zone against allocations that could use each higher zone (facts/kernel.md §9.3). */
export function lowmemReserve(profile: KernelProfile, node: NodeMemory, index: ZoneIndex): number[] {
  const ratio =
    index === ZONE_DMA || index === ZONE_DMA32 ? 256 : profile.generation === "4.1" && index === ZONE_MOVABLE ? 0 : 32;
  const zones = profile.generation === "4.1" ? 4 : 5;
  let above = 0;
  return Array.from({ length: zones }, (_, j) => {
    if (j <= index || ratio === 0) return 0;
    above += node.zones[j as ZoneIndex].managedPages;
    return Math.floor(above / ratio);
  });
}

/** Free pages that an ordinary allocation leaves in each zone of a node: the min watermark and lowmem_reserve, by zone index. */
export function allocationFloors(
  profile: KernelProfile,
  nodes: readonly NodeMemory[],
  node: NodeMemory,
  highestZone: ZoneIndex,
): number[] {
  const watermarks = zoneWatermarks(profile, nodes);
  return node.zones.map(
    ({ index }) => watermarks(node, index).minPages + (lowmemReserve(profile, node, index)[highestZone] ?? 0),
  );
}

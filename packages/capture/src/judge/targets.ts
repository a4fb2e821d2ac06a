import { zoneNames } from "@memhp/abi";
import type { HostMemory } from "./host-memory.ts";
import { aboveWatermark, type Leaving, type Room } from "./room.ts";

const NORMAL = zoneNames.indexOf("Normal");

/** Zones in the order in which the allocator comes to them: nearest node first, highest zone first. */
export function zonesInOrder(
  memory: HostMemory,
  { node, zone }: Pick<Leaving, "node" | "zone">,
  nodes: readonly number[],
): HostMemory["zones"] {
  const highest = Math.max(zone, NORMAL);
  const far = (other: number): number => memory.host.distances.get(node)?.[other] ?? Math.abs(other - node);
  return memory.zones
    .filter((each) => nodes.includes(each.node) && each.index <= highest)
    .toSorted((a, b) => far(a.node) - far(b.node) || a.node - b.node || b.index - a.index);
}

/** Where so many base pages go: zones above their low watermark first, then down to min. */
export function takeFrom(
  memory: HostMemory,
  pages: number,
  leaving: Leaving,
  { nodes }: Pick<Room, "nodes">,
): { readonly node: number; readonly pages: number }[] {
  const zones = zonesInOrder(memory, leaving, nodes).map((zone) => ({ ...zone }));
  const taken = new Map<number, number>();
  let left = pages;
  const take = (node: number, count: number): void => {
    if (count > 0) taken.set(node, (taken.get(node) ?? 0) + count);
    left -= count;
  };
  for (const watermark of ["low", "min"] as const)
    for (const zone of zones) {
      const isOwn = zone.node === leaving.node && zone.index === leaving.zone;
      if (isOwn && watermark === "low") zone.free = Math.max(0, zone.free - leaving.free);
      const spare = watermark === "low" ? zone.info.low - zone.info.min : 0;
      const count = Math.min(left, Math.max(0, aboveWatermark(zone, Math.max(leaving.zone, NORMAL)) - spare));
      zone.free -= count;
      take(zone.node, count);
    }
  // What reclaim has to make room for goes to the first.
  if (left > 0 && zones[0] !== undefined) take(zones[0].node, left);
  return [...taken].map(([node, count]) => ({ node, pages: count })).sort((a, b) => a.node - b.node);
}

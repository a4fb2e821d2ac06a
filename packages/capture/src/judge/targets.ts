import { zoneNames } from "@memhp/abi";
import type { HostMemory, ZoneRoom } from "./host-memory.ts";
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

/** Fills zones in their order: first down to their low watermark, then to min. `take` lowers what is free. @returns pages that are left */
export function fillZones(
  zones: readonly ZoneRoom[],
  pages: number,
  highest: number,
  take: (zone: ZoneRoom, pages: number) => void,
): number {
  let left = pages;
  for (const watermark of ["low", "min"] as const)
    for (const zone of zones) {
      const spare = watermark === "low" ? zone.info.low - zone.info.min : 0;
      const count = Math.min(left, Math.max(0, aboveWatermark(zone, Math.max(highest, NORMAL)) - spare));
      if (count > 0) take(zone, count);
      left -= count;
    }
  return left;
}

/** Where so many base pages go. */
export function takeFrom(
  memory: HostMemory,
  pages: number,
  leaving: Leaving,
  { nodes }: Pick<Room, "nodes">,
): { readonly node: number; readonly pages: number }[] {
  const zones = zonesInOrder(memory, leaving, nodes).map((zone) => {
    const isOwn = zone.node === leaving.node && zone.index === leaving.zone;
    return { ...zone, free: isOwn ? Math.max(0, zone.free - leaving.free) : zone.free };
  });
  const taken = new Map<number, number>();
  const take = (zone: ZoneRoom, count: number): void => {
    zone.free -= count;
    taken.set(zone.node, (taken.get(zone.node) ?? 0) + count);
  };
  const left = fillZones(zones, pages, leaving.zone, take);
  // What reclaim has to make room for goes to the first.
  if (left > 0 && zones[0] !== undefined) take(zones[0], left);
  return [...taken].map(([node, count]) => ({ node, pages: count })).sort((a, b) => a.node - b.node);
}

import {
  type OnlineType,
  type Result,
  type ZoneIndex,
  done,
  refused,
  ZONE_MOVABLE,
  ZONE_NORMAL,
  zoneName,
} from "@memhp/abi";
import { blockEndPfn, blockStartPfn, type MemoryMap, nodeOf, type NodeMemory, retagBlock } from "./memory-map.ts";
import { isZoneEmpty, resizeSpan, type Zone, zoneEndPfn } from "./zone.ts";

/**
 * Zone of a range at hot-add: Movable if the node's Movable zone is non-empty and starts at or
 * below the range, else Normal even below 4 GiB, or the zone of the architecture (facts §3.1; observed-4.1 §2: two-dimms-*).
 */
export function zoneAtAdd(node: NodeMemory, startPfn: number, hotAddZone: ZoneIndex = ZONE_NORMAL): ZoneIndex {
  const movable = node.zones[ZONE_MOVABLE];
  return !isZoneEmpty(movable) && movable.startPfn <= startPfn ? ZONE_MOVABLE : hotAddZone;
}

/** init_currently_empty_zone: gives the zone its wait table, with start and no span (observed-4.1 §4, `hidden`). */
export function initialiseZone(node: NodeMemory, zone: Zone, startPfn: number): void {
  zone.initialised = true;
  zone.startPfn = startPfn;
  node.nrZones = zone.index + 1;
}

/**
 * Step 2 and 3 of online_pages: checks MOVABLE_NODE's rule and moves the block across the edge
 * between Normal and Movable where the online type asks for it. Both spans are rewritten; the
 * move is not undone by a later failure (facts §3.1; observed-4.1 §4: notifier-error).
 */
export function bindZoneForOnline41(map: MemoryMap, block: number, type: OnlineType): Result<ZoneIndex> {
  const node = nodeOf(map, map.blocks.node(block));
  const current = map.blocks.zone(block) as ZoneIndex;
  const where = { block, node: node.id, zone: zoneName(current) };
  if ((current > ZONE_NORMAL || type === "movable") && !map.kernel.config.MOVABLE_NODE && !node.hasNormalMemory) {
    return refused({
      ...where,
      errno: "EINVAL",
      code: "last_normal_memory",
      rule: "facts §3.1 step 2: without MOVABLE_NODE a node needs Normal memory before Movable memory",
      retry: "no",
      remedy: ["online a block of this node with online_kernel first", "use a kernel built with MOVABLE_NODE"],
    });
  }
  const normal = node.zones[ZONE_NORMAL];
  const movable = node.zones[ZONE_MOVABLE];
  const startPfn = blockStartPfn(map, block);
  const endPfn = blockEndPfn(map, block);
  if (type === "kernel" && current === ZONE_MOVABLE) {
    if (!normal.initialised) initialiseZone(node, normal, startPfn);
    if (!canMoveDown(movable, startPfn, endPfn)) {
      return refused({
        ...where,
        errno: "EINVAL",
        code: "not_adjacent",
        rule: "facts §3.1 step 3: only the lowest block of ZONE_MOVABLE can become Normal",
        retry: "maybe",
        remedy: [
          `online the block at the start of ZONE_MOVABLE (block ${Math.floor(movable.startPfn / map.blockPages)}) as kernel first`,
        ],
        detail: `ZONE_MOVABLE of node ${node.id} starts at pfn ${movable.startPfn}, the block at ${startPfn}`,
      });
    }
    const movableEnd = zoneEndPfn(movable);
    resizeSpan(normal, isZoneEmpty(normal) ? startPfn : normal.startPfn, endPfn);
    resizeSpan(movable, endPfn, movableEnd);
    retagBlock(map, block, ZONE_NORMAL);
    return done(ZONE_NORMAL);
  }
  if (type === "movable" && current === ZONE_NORMAL) {
    if (!movable.initialised) initialiseZone(node, movable, startPfn);
    if (!canMoveUp(normal, startPfn, endPfn)) {
      return refused({
        ...where,
        errno: "EINVAL",
        code: "not_adjacent",
        rule: "facts §3.1 step 3: only the highest block of ZONE_NORMAL can become Movable",
        retry: "maybe",
        remedy: [
          `online the block at the end of ZONE_NORMAL (block ${Math.ceil(zoneEndPfn(normal) / map.blockPages) - 1}) as movable first`,
        ],
        detail: `ZONE_NORMAL of node ${node.id} ends at pfn ${zoneEndPfn(normal)}, the block at ${endPfn}`,
      });
    }
    const movableEnd = isZoneEmpty(movable) ? endPfn : zoneEndPfn(movable);
    resizeSpan(normal, normal.startPfn, startPfn);
    resizeSpan(movable, startPfn, movableEnd);
    retagBlock(map, block, ZONE_MOVABLE);
    return done(ZONE_MOVABLE);
  }
  // ONLINE_KEEP, and types that the zone cannot follow (Movable from DMA32), change nothing (observed-4.1 Q3).
  return done(current);
}

/** move_pfn_range_left: the range is the lowest part of Movable. */
export function canMoveDown(movable: Zone, startPfn: number, endPfn: number): boolean {
  return endPfn <= zoneEndPfn(movable) && startPfn <= movable.startPfn && endPfn > movable.startPfn;
}

/** move_pfn_range_right: the range is the highest part of Normal. */
export function canMoveUp(normal: Zone, startPfn: number, endPfn: number): boolean {
  return normal.startPfn <= startPfn && zoneEndPfn(normal) <= endPfn && startPfn < zoneEndPfn(normal);
}

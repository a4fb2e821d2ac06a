import {
  builtWithout,
  pageblockPages,
  type Refusal,
  ZONE_MOVABLE,
  ZONE_NORMAL,
  type ZoneIndex,
  zoneName,
} from "@memhp/abi";
import { BlockFlag, MIXED_ZONES, NO_ZONE } from "./block-table.ts";
import { blockStartPfn, type MemoryMap, nodeOf } from "./memory-map.ts";
import { isInOneZone41 } from "./valid-zones.ts";
import type { ZoneRules } from "./zone-rules.ts";

/** Where it is written that a block in several zones stays online, by how the kernel checks. */
export const oneZoneRule: Readonly<Record<ZoneRules["oneZoneCheck"], string>> = {
  "every-page": "facts §4.1 step 2: all pages of a block must be in one zone",
  "zone-of-block": "facts §4.2 step 1: the block spans zones or nodes",
};

/** offline_pages() is a stub then, and offline is all that goes on (include/linux/memory_hotplug.h; facts §1.4, §2.2). */
function refuseWithoutHotRemove(map: MemoryMap, block: number): Refusal | undefined {
  if (map.kernel.config.MEMORY_HOTREMOVE) return undefined;
  return {
    errno: "EINVAL",
    code: "not_built",
    rule: "include/linux/memory_hotplug.h: offline_pages() without CONFIG_MEMORY_HOTREMOVE",
    block,
    node: nodeOf(map, map.blocks.node(block)).id,
    retry: "no",
    ...builtWithout("MEMORY_HOTREMOVE"),
  };
}

/** Checks before isolation: one zone, no holes, Normal memory left (facts §4.1 steps 1–3, §4.2 steps 1–4). */
export function refuseBeforeIsolation(map: MemoryMap, block: number): Refusal | undefined {
  const notBuilt = refuseWithoutHotRemove(map, block);
  if (notBuilt !== undefined) return notBuilt;
  const node = nodeOf(map, map.blocks.node(block));
  const check = map.kernel.zones.oneZoneCheck;
  const oneZone = check === "every-page" ? isInOneZone41(map, block) : map.blocks.zone(block) !== MIXED_ZONES;
  if (!oneZone) {
    return {
      errno: "EINVAL",
      code: "mixed_zones",
      rule: oneZoneRule[check],
      block,
      node: node.id,
      retry: "no",
      remedy: ["choose another block: the pages of this one belong to several zones for as long as this boot lasts"],
    };
  }
  const zone = map.blocks.zone(block) as ZoneIndex;
  const where = { block, node: node.id, zone: zoneName(zone) };
  const isUnmapped = map.blocks.hasFlag(block, BlockFlag.unmapped);
  if (map.kernel.zones.holesRefuseOffline && (isUnmapped || map.blocks.presentPages(block) !== map.blockPages)) {
    return {
      ...where,
      errno: "EINVAL",
      code: "memory_hole",
      rule: "facts §4.2 step 3: a block with memory holes cannot go offline",
      retry: "no",
      remedy: ["choose another block: the firmware's memory map has a hole in this one"],
      detail: isUnmapped
        ? "the firmware keeps some of its pages, which are not mapped"
        : `${map.blockPages - map.blocks.presentPages(block)} of ${map.blockPages} pages are no RAM`,
    };
  }
  if (
    map.kernel.zones.lastNormalMemoryRule &&
    !map.kernel.config.MOVABLE_NODE &&
    zone <= ZONE_NORMAL &&
    !canOfflineNormal(map, block)
  ) {
    return {
      ...where,
      errno: "EINVAL",
      code: "last_normal_memory",
      rule: "facts §4.1 step 3: without MOVABLE_NODE a node with Movable memory keeps Normal memory",
      retry: "maybe",
      remedy: [`offline the Movable blocks of node ${node.id} first`, "use a kernel built with MOVABLE_NODE"],
    };
  }
  return undefined;
}

/** can_offline_normal of a kernel without MOVABLE_NODE: the range counts whole, holes included. */
function canOfflineNormal(map: MemoryMap, block: number): boolean {
  const node = nodeOf(map, map.blocks.node(block));
  const normal = node.zones.reduce((sum, zone) => sum + (zone.index <= ZONE_NORMAL ? zone.presentPages : 0), 0);
  return normal > map.blockPages || node.zones[ZONE_MOVABLE].presentPages === 0;
}

/**
 * `removable`: a guess of 4.1, the constant 1 later (facts §2.2, §2.7). Whoever holds the page map says by
 * `BlockFlag.unmovable` what has_unmovable_pages finds in it.
 */
export function isRemovable(map: MemoryMap, block: number): boolean {
  if (map.kernel.zones.removableFile === "always-1") return map.kernel.config.MEMORY_HOTREMOVE;
  if (map.blocks.zone(block) === MIXED_ZONES) return false;
  // Not yet bound to a zone, where that waits for the online: nothing is in the way.
  if (map.blocks.zone(block) === NO_ZONE) return true;
  const node = nodeOf(map, map.blocks.node(block));
  const zone = node.zones[map.blocks.zone(block) as ZoneIndex];
  const startPfn = blockStartPfn(map, block);
  // Asked for the first page of each pageblock (observed-4.1 Q7: x-movablecore-dimm*).
  const lastPageblockPfn = startPfn + map.blockPages - pageblockPages(map.arch);
  const inSpan = startPfn >= zone.startPfn && lastPageblockPfn < zone.startPfn + zone.spannedPages;
  return node.online && inSpan && !map.blocks.hasFlag(block, BlockFlag.unmovable);
}

import { maxOrderPages, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex, zoneName } from "@memhp/abi";
import { BlockState, MIXED_ZONES } from "./block-table.ts";
import { blockEndPfn, blockStartPfn, type MemoryMap, nodeOf, pageHome, zoneOfBlock } from "./memory-map.ts";
import { zoneEndPfn } from "./zone.ts";
import { kernelZoneFor, type PolicyInput, zoneForOnline6 } from "./zone-choice-6.ts";

/**
 * Text of `valid_zones` without its newline.
 * 4.1 answers from the zone that the block is in and the touching edge (observed-4.1 §3);
 * 6.x names the zone of an online block and the choices of an offline one (observed-6 §3).
 */
export function validZones(map: MemoryMap, block: number, policy: PolicyInput): string {
  return map.kernel.zones.zoneBinding === "at-add" ? validZones41(map, block) : validZones6(map, block, policy);
}

function validZones41(map: MemoryMap, block: number): string {
  if (!isInOneZone41(map, block)) return "none";
  const zone = zoneOfBlock(map, block);
  if (zone.index === ZONE_NORMAL && blockEndPfn(map, block) === zoneEndPfn(zone)) return "Normal Movable";
  if (zone.index === ZONE_MOVABLE && blockStartPfn(map, block) === zone.startPfn) return "Movable Normal";
  return zoneName(zone.index);
}

/** test_pages_in_a_zone of 4.1: samples the first page of every MAX_ORDER chunk (facts §4.1 step 2). */
export function isInOneZone41(map: MemoryMap, block: number): boolean {
  if (map.blocks.zone(block) === MIXED_ZONES) return false;
  if (!map.parts.has(block)) return true;
  const step = maxOrderPages(map.arch);
  let first: { node: number; zone: ZoneIndex } | undefined;
  for (let pfn = blockStartPfn(map, block); pfn < blockEndPfn(map, block); pfn += step) {
    const home = pageHome(map, pfn);
    if (home === undefined) continue;
    first ??= home;
    if (home.node !== first.node || home.zone !== first.zone) return false;
  }
  return true;
}

function validZones6(map: MemoryMap, block: number, policy: PolicyInput): string {
  // A block that is going offline prints as an offline one (observed-6 §9: x_going_offline).
  if (map.blocks.state(block) === BlockState.online) {
    const zone = map.blocks.zone(block);
    return zone === MIXED_ZONES ? "none" : zoneName(zone as ZoneIndex);
  }
  const node = nodeOf(map, map.blocks.node(block));
  const first = zoneForOnline6(map, block, "online", policy);
  const kernel = kernelZoneFor(node, blockStartPfn(map, block), map.blockPages);
  return (choices[first * ZONES + kernel] ??= choiceText(first, kernel));
}

const ZONES = 5;
/** By what an online chooses and the zone for kernel memory: a state of many blocks asks for each of them. */
const choices: (string | undefined)[] = [];

function choiceText(first: ZoneIndex, kernel: ZoneIndex): string {
  return [...new Set<ZoneIndex>([first, kernel, ZONE_MOVABLE])].map((zone) => zoneName(zone)).join(" ");
}

import { alignUp, maxOrderPages, pagesPerSection, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { BlockFlag, MIXED_ZONES } from "./block-table.ts";
import {
  type BlockPart,
  blockEndPfn,
  blockStartPfn,
  isBlockOnline,
  type MemoryMap,
  type NodeMemory,
  nodeOf,
  type PageHome,
  pageHome,
  partsOfBlock,
} from "./memory-map.ts";
import { growSpan, type Span, type Zone, zoneEndPfn } from "./zone.ts";

/** Pages of a block that a zone counts: RAM, without the poisoned ones' exception (facts §4.1: poisoned ones are included). */
function countedPages(map: MemoryMap, block: number): { presentPages: number; managedPages: number; early: boolean } {
  const presentPages = map.blocks.presentPages(block);
  return {
    presentPages,
    managedPages: presentPages - map.blocks.altmapPages(block),
    early: map.blocks.hasFlag(block, BlockFlag.early),
  };
}

/** Puts the pages of a block, or of so many that are alike, into a zone's counters (facts §3.1 step 7, §3.2 step 9). */
export function accountOnline(map: MemoryMap, block: number, index: ZoneIndex, count = 1): void {
  account(map, block, index, count);
}

/** @param count what blocks like this one come to, or where it is negative go with. */
function account(map: MemoryMap, block: number, index: ZoneIndex, count: number): void {
  const node = nodeOf(map, map.blocks.node(block));
  const zone = node.zones[index];
  const pages = countedPages(map, block);
  zone.presentPages += count * pages.presentPages;
  zone.managedPages += count * pages.managedPages;
  if (pages.early) zone.earlyPages += count * pages.presentPages;
  node.presentPages += count * pages.presentPages;
}

/** Takes them out of their zone's counters (facts §4.1, §4.2 step 10). */
export function accountOffline(map: MemoryMap, block: number, index: ZoneIndex, count = 1): void {
  account(map, block, index, -count);
}

/** 6.x, at online: zone and node spans grow to the block, or to so many from it on (facts §3.2 step 5). */
export function growSpansForOnline(map: MemoryMap, block: number, index: ZoneIndex, count = 1): void {
  const node = nodeOf(map, map.blocks.node(block));
  const endPfn = blockEndPfn(map, block + count - 1);
  growSpan(node.zones[index], blockStartPfn(map, block), endPfn);
  growSpan(node, blockStartPfn(map, block), endPfn);
}

const SUBSECTION_PAGES = 512;

/**
 * 6.x remove_pfn_range_from_zone, after the block stopped being online: an edge of the span
 * moves to the next page still online in the zone; a hole in the middle stays (observed-6 §4). Neighbours of one zone that leave one
 * after another, upwards, leave the same behind as all at once.
 */
export function shrinkSpansForOffline(map: MemoryMap, block: number, index: ZoneIndex, count = 1): void {
  const node = nodeOf(map, map.blocks.node(block));
  const zone = node.zones[index];
  const startPfn = blockStartPfn(map, block);
  const endPfn = blockEndPfn(map, block + count - 1);
  shrinkZone6(map, node, zone, startPfn, endPfn);
  updateNodeSpan(node);
}

function shrinkZone6(map: MemoryMap, node: NodeMemory, zone: Zone, startPfn: number, endPfn: number): void {
  const zoneEnd = zoneEndPfn(zone);
  if (zone.startPfn === startPfn) {
    const next = findFirstOnlinePfn(map, node.id, zone.index, endPfn, zoneEnd);
    zone.startPfn = next ?? 0;
    zone.spannedPages = next === undefined ? 0 : zoneEnd - next;
  } else if (zoneEnd === endPfn) {
    const last = findLastOnlinePfn(map, node.id, zone.index, zone.startPfn, startPfn);
    if (last === undefined) zone.startPfn = 0;
    zone.spannedPages = last === undefined ? 0 : last + 1 - zone.startPfn;
  }
}

/** update_pgdat_span: the hull of the node's zone spans. */
function updateNodeSpan(node: NodeMemory): void {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const zone of node.zones) {
    if (zone.spannedPages === 0) continue;
    start = Math.min(start, zone.startPfn);
    end = Math.max(end, zoneEndPfn(zone));
  }
  node.startPfn = end === 0 ? 0 : start;
  node.spannedPages = end === 0 ? 0 : end - start;
}

function isOnlineIn(map: MemoryMap, pfn: number, node: number, zone: ZoneIndex): boolean {
  if (!isBlockOnline(map, Math.floor(pfn / map.blockPages))) return false;
  const home = pageHome(map, pfn);
  return home !== undefined && home.node === node && home.zone === zone;
}

/** True where no page of the block can be in the zone, so that a search may step over the whole block. */
function blockCannotHold(map: MemoryMap, block: number, node: number, zone: ZoneIndex): boolean {
  if (!isBlockOnline(map, block)) return true;
  const own = map.blocks.zone(block);
  return own !== MIXED_ZONES && !map.parts.has(block) && (own !== zone || map.blocks.node(block) !== node);
}

/** find_smallest_section_pfn of 6.x, by subsection of 2 MiB. */
function findFirstOnlinePfn(
  map: MemoryMap,
  node: number,
  zone: ZoneIndex,
  startPfn: number,
  endPfn: number,
): number | undefined {
  for (let pfn = startPfn; pfn < endPfn; pfn += SUBSECTION_PAGES) {
    const block = Math.floor(pfn / map.blockPages);
    if (blockCannotHold(map, block, node, zone)) pfn = blockEndPfn(map, block) - SUBSECTION_PAGES;
    else if (isOnlineIn(map, pfn, node, zone)) return pfn;
  }
  return undefined;
}

/** find_biggest_section_pfn of 6.x: looks at the last page of each subsection downwards. */
function findLastOnlinePfn(
  map: MemoryMap,
  node: number,
  zone: ZoneIndex,
  startPfn: number,
  endPfn: number,
): number | undefined {
  for (let pfn = endPfn - 1; pfn >= startPfn; pfn -= SUBSECTION_PAGES) {
    const block = Math.floor(pfn / map.blockPages);
    if (blockCannotHold(map, block, node, zone)) pfn = blockStartPfn(map, block) + SUBSECTION_PAGES - 1;
    else if (isOnlineIn(map, pfn, node, zone)) return pfn;
  }
  return undefined;
}

/**
 * 4.1 __remove_section for one section: shrinks the zone and the node by searching the next
 * section that is still there, whatever its state (facts §5.2; observed-4.1 §8, Q4, Q7).
 * The section must still be in the map.
 */
export function shrinkSpansForRemove41(
  map: MemoryMap,
  node: NodeMemory,
  zone: Zone,
  sectionStartPfn: number,
  strays: readonly BlockPart[],
): void {
  const step = pagesPerSection(map.arch);
  const homeOf = (pfn: number): PageHome | undefined =>
    pageHome(map, pfn) ?? strays.find((part) => pfn >= part.startPfn && pfn < part.endPfn);
  const isOfNode = (pfn: number): boolean => homeOf(pfn)?.node === node.id;
  shrinkSpan41(zone, sectionStartPfn, step, (pfn) => isOfNode(pfn) && homeOf(pfn)?.zone === zone.index);
  shrinkSpan41(node, sectionStartPfn, step, isOfNode);
}

function shrinkSpan41(span: Span, startPfn: number, step: number, isMember: (pfn: number) => boolean): void {
  const endPfn = startPfn + step;
  const spanStart = span.startPfn;
  const spanEnd = spanStart + span.spannedPages;
  if (spanStart === startPfn) {
    // find_smallest_section_pfn; without a hit 4.1 leaves the span as it is until the hole check below.
    for (let pfn = endPfn; pfn < spanEnd; pfn += step) {
      if (!isMember(pfn)) continue;
      span.startPfn = pfn;
      span.spannedPages = spanEnd - pfn;
      break;
    }
  } else if (spanEnd === endPfn) {
    for (let pfn = startPfn - 1; pfn >= spanStart; pfn -= step) {
      if (!isMember(pfn)) continue;
      span.spannedPages = pfn - spanStart + 1;
      break;
    }
  }
  // A span, as it was, that holds nothing but the section that goes becomes empty.
  for (let pfn = spanStart; pfn < spanEnd; pfn += step) if (isMember(pfn) && pfn !== startPfn) return;
  span.startPfn = 0;
  span.spannedPages = 0;
}

/** Pages that a recount of the blocks finds online in each zone of a node. */
export interface ZoneRecount {
  readonly presentPages: number;
  readonly earlyPages: number;
  readonly startPfn: number;
  readonly endPfn: number;
}

/** Counts a zone's pages from the blocks, for tests of the counters (DESIGN law 3). */
export function recountZone(map: MemoryMap, node: number, zone: ZoneIndex): ZoneRecount {
  let presentPages = 0;
  let earlyPages = 0;
  let startPfn = Number.POSITIVE_INFINITY;
  let endPfn = 0;
  for (const id of map.blocks.ids()) {
    if (!isBlockOnline(map, id)) continue;
    for (const part of partsOfBlock(map, id)) {
      if (part.node !== node || part.zone !== zone) continue;
      presentPages += part.endPfn - part.startPfn;
      if (map.blocks.hasFlag(id, BlockFlag.early)) earlyPages += part.endPfn - part.startPfn;
      startPfn = Math.min(startPfn, part.startPfn);
      endPfn = Math.max(endPfn, part.endPfn);
    }
  }
  return { presentPages, earlyPages, startPfn: endPfn === 0 ? 0 : startPfn, endPfn };
}

/**
 * Pages that a boot counted in ZONE_MOVABLE although there are none: its start was rounded past the end of the node's memory
 * (observed-4.1 Q6). They stay counted when other memory comes into the zone.
 */
export function pagesPastEnd(map: MemoryMap, node: number, index: ZoneIndex): number {
  if (index !== ZONE_MOVABLE) return 0;
  let endPfn = 0;
  for (const id of map.blocks.ids()) {
    if (!map.blocks.hasFlag(id, BlockFlag.early)) continue;
    for (const part of partsOfBlock(map, id)) if (part.node === node) endPfn = Math.max(endPfn, part.endPfn);
  }
  return alignUp(endPfn, maxOrderPages(map.arch)) - endPfn;
}

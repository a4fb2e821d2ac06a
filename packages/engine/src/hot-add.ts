import { pagesPerSection, wholeNumber, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { shrinkSpansForRemove41 } from "./accounting.ts";
import { BlockFlag, type BlockRow, BlockState, NO_ZONE } from "./block-table.ts";
import {
  blockEndPfn,
  type BlockPart,
  blockStartPfn,
  type MemoryMap,
  type NodeMemory,
  nodeOf,
  pageHome,
} from "./memory-map.ts";
import { addSections, endOfRemoval, removeBlock, removeSection } from "./sections.ts";
import { growSpan, type Zone } from "./zone.ts";
import { initialiseZone, zoneAtAdd } from "./zone-binding-4.1.ts";

/** A range of memory that arrives, and how. */
export interface AddRange {
  readonly node: number;
  readonly startPfn: number;
  readonly nrPages: number;
  /** Memory group (one DIMM), or -1. */
  readonly group: number;
  /** Pages at the start of each block that hold its memmap, else 0. */
  readonly altmapPages: number;
  readonly firmware: boolean;
  readonly driverManaged: boolean;
  /** Where memory is bound to a zone when it is added: ZONE_MOVABLE whatever the node's zones say. No 4.1 has this switch. */
  readonly movable?: boolean;
}

/**
 * Adds blocks for a range, all offline, and brings the node online. 4.1 binds the range to a zone
 * and grows zone and node spans section by section; 6.x leaves the zone for online (facts §5.1).
 * @returns ids of the blocks that are new, ascending.
 * @throws RangeError, TypeError for a node that the map does not have, or a range that is no whole sections.
 */
export function addRange(map: MemoryMap, range: AddRange): number[] {
  checkSections("addRange", map, range);
  const node = nodeOf(map, range.node);
  const bindNow = map.kernel.zones.zoneBinding === "at-add";
  if (bindNow && !node.online) emptySpans(node);
  const chosen = range.movable === true ? ZONE_MOVABLE : zoneAtAdd(node, range.startPfn, map.arch.hotAddZone);
  const zone = bindNow ? chosen : NO_ZONE;
  if (bindNow) growSpans(map, node, node.zones[zone as ZoneIndex], range);
  const added: number[] = [];
  const endPfn = range.startPfn + range.nrPages;
  for (let id = Math.floor(range.startPfn / map.blockPages); blockStartPfn(map, id) < endPfn; id++) {
    const from = Math.max(range.startPfn, blockStartPfn(map, id));
    const to = Math.min(endPfn, blockEndPfn(map, id));
    const isNew = !map.blocks.has(id);
    if (isNew) {
      map.blocks.put({ ...newRow(range, id, zone), presentPages: map.blockPages });
      added.push(id);
    }
    // A new block of which sections are missing has only those that came.
    if (isNew && to - from < map.blockPages) map.parts.set(id, []);
    if (bindNow && (!isNew || to - from < map.blockPages))
      addSections(map, id, from, to, { node: node.id, zone: zone as ZoneIndex });
  }
  node.online = true;
  return added;
}

/** __add_section of 4.1, one after the other: the zone and its node reach to each (facts §3.1). */
function growSpans(map: MemoryMap, node: NodeMemory, zone: Zone, { startPfn, nrPages }: AddRange): void {
  if (!zone.initialised) initialiseZone(node, zone, startPfn);
  const sectionPages = pagesPerSection(map.arch);
  for (let pfn = startPfn; pfn < startPfn + nrPages; pfn += sectionPages) {
    growSpan(zone, pfn, pfn + sectionPages);
    growSpan(node, pfn, pfn + sectionPages);
  }
}

function newRow(range: AddRange, id: number, zone: number): Omit<BlockRow, "presentPages"> {
  const flags =
    (range.firmware ? BlockFlag.firmware : 0) |
    (range.driverManaged ? BlockFlag.driverManaged : 0) |
    (range.altmapPages > 0 ? BlockFlag.selfHosted : 0);
  return {
    id,
    state: BlockState.offline,
    zone,
    flags,
    node: range.node,
    altmapPages: range.altmapPages,
    group: range.group,
    onlineType: "online",
  };
}

/**
 * hotadd_new_pgdat of 4.1: the zones of a node that comes online are made anew, so that a stale
 * span (observed-4.1 Q4) does not outlive the node it was on.
 */
function emptySpans(node: NodeMemory): void {
  node.nrZones = 0;
  for (const zone of node.zones) zone.spannedPages = 0;
}

/**
 * Takes blocks away; all must be offline. 4.1 shrinks spans section by section with the zone of
 * the range's first page, which leaves a stale span where blocks were in two zones (observed-4.1 Q4).
 * @param strays `strayParts` of the node, where the map does not have all blocks of the machine.
 * @returns ids of the blocks that are gone, ascending.
 * @throws RangeError, TypeError as `addRange`, and for a block that is not offline; all of them are there still.
 */
export function removeRange(
  map: MemoryMap,
  range: { readonly node: number; readonly startPfn: number; readonly nrPages: number },
  strays: readonly BlockPart[] = [],
): number[] {
  checkSections("removeRange", map, range);
  checkOffline(map, range);
  const node = nodeOf(map, range.node);
  const removed: number[] = [];
  const endPfn = endOfRemoval(map, range.startPfn, range.nrPages);
  if (map.kernel.zones.spansShrink === "on-offline") {
    for (let id = range.startPfn / map.blockPages; blockStartPfn(map, id) < endPfn; id++)
      if (removeBlock(map, id)) removed.push(id);
    return removed;
  }
  const first = pageHome(map, range.startPfn);
  for (let pfn = range.startPfn; pfn < endPfn; pfn += pagesPerSection(map.arch)) {
    const id = Math.floor(pfn / map.blockPages);
    if (first !== undefined) shrinkSpansForRemove41(map, node, node.zones[first.zone], pfn, strays);
    if (removeSection(map, id, pfn)) removed.push(id);
  }
  return removed;
}

type SectionRange = Pick<AddRange, "startPfn" | "nrPages">;

function checkSections(door: string, { kernel, arch, blockPages }: MemoryMap, range: SectionRange): void {
  // What binds memory to a zone as it is added takes any whole sections; later kernels whole blocks (facts §5.1 step 1).
  const bySection = kernel.zones.zoneBinding === "at-add";
  const step = bySection ? pagesPerSection(arch) : blockPages;
  const what = bySection ? "sections" : "blocks";
  for (const word of ["startPfn", "nrPages"] as const) {
    const value = range[word];
    wholeNumber(`${door}: ${word}`, value);
    if (value % step !== 0)
      throw new RangeError(`${door}: ${word}: expected whole ${what} of ${step} pages, found ${value}`);
  }
}

function checkOffline(map: MemoryMap, { startPfn, nrPages }: SectionRange): void {
  // What is behind the end of removal stays.
  const last = Math.ceil(endOfRemoval(map, startPfn, nrPages) / map.blockPages);
  for (let id = Math.floor(startPfn / map.blockPages); id < last; id++)
    if (map.blocks.has(id) && map.blocks.state(id) !== BlockState.offline)
      throw new RangeError(`removeRange: block ${id}: expected a block that is offline`);
}

/** True if blocks of the node are left: then try_offline_node keeps it (facts §5.2). */
export function nodeHasBlocks(map: MemoryMap, node: number): boolean {
  for (const id of map.blocks.ids()) if (map.blocks.node(id) === node) return true;
  return false;
}

import { pagesPerSection, wholeNumber, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { shrinkSpansForRemove41 } from "./accounting.ts";
import { BlockFlag, BlockState, NO_ZONE } from "./block-table.ts";
import { type BlockPart, type MemoryMap, type NodeMemory, nodeOf, pageHome } from "./memory-map.ts";
import { growSpan } from "./zone.ts";
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
  const sectionPages = pagesPerSection(map.arch);
  const added: number[] = [];
  for (let pfn = range.startPfn; pfn < range.startPfn + range.nrPages; pfn += sectionPages) {
    if (bindNow) {
      const target = node.zones[zone as ZoneIndex];
      if (!target.initialised) initialiseZone(node, target, range.startPfn);
      growSpan(target, pfn, pfn + sectionPages);
      growSpan(node, pfn, pfn + sectionPages);
    }
    const id = Math.floor(pfn / map.blockPages);
    if (map.blocks.has(id)) {
      map.blocks.setPresentPages(id, map.blocks.presentPages(id) + sectionPages);
      continue;
    }
    const flags =
      (range.firmware ? BlockFlag.firmware : 0) |
      (range.driverManaged ? BlockFlag.driverManaged : 0) |
      (range.altmapPages > 0 ? BlockFlag.selfHosted : 0);
    map.blocks.put({
      id,
      state: BlockState.offline,
      zone,
      flags,
      node: node.id,
      presentPages: sectionPages,
      altmapPages: range.altmapPages,
      group: range.group,
      onlineType: "online",
    });
    added.push(id);
  }
  node.online = true;
  return added;
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
  const sectionPages = pagesPerSection(map.arch);
  const first = pageHome(map, range.startPfn);
  const removed: number[] = [];
  for (let pfn = range.startPfn; pfn < range.startPfn + range.nrPages; pfn += sectionPages) {
    const id = Math.floor(pfn / map.blockPages);
    if (!map.blocks.has(id)) {
      // __remove_pages of 4.1 ends at the first section that is not there.
      if (map.kernel.zones.spansShrink === "on-remove") break;
      continue;
    }
    if (map.kernel.zones.spansShrink === "on-remove" && first !== undefined)
      shrinkSpansForRemove41(map, node, node.zones[first.zone], pfn, strays);
    const left = map.blocks.presentPages(id) - sectionPages;
    map.blocks.setPresentPages(id, Math.max(0, left));
    if (left > 0) continue;
    map.blocks.remove(id);
    map.parts.delete(id);
    map.withheld.delete(id);
    removed.push(id);
  }
  return removed;
}

type SectionRange = Pick<AddRange, "startPfn" | "nrPages">;

function checkSections(door: string, { arch }: MemoryMap, range: SectionRange): void {
  const step = pagesPerSection(arch);
  for (const word of ["startPfn", "nrPages"] as const) {
    const value = range[word];
    wholeNumber(`${door}: ${word}`, value);
    if (value % step !== 0)
      throw new RangeError(`${door}: ${word}: expected whole sections of ${step} pages, found ${value}`);
  }
}

function checkOffline(map: MemoryMap, { startPfn, nrPages }: SectionRange): void {
  const last = Math.ceil((startPfn + nrPages) / map.blockPages);
  for (let id = Math.floor(startPfn / map.blockPages); id < last; id++) {
    if (map.blocks.has(id)) {
      if (map.blocks.state(id) !== BlockState.offline)
        throw new RangeError(`removeRange: block ${id}: expected a block that is offline`);
      // As below: what is behind a hole stays.
    } else if (map.kernel.zones.spansShrink === "on-remove") return;
  }
}

/** True if blocks of the node are left: then try_offline_node keeps it (facts §5.2). */
export function nodeHasBlocks(map: MemoryMap, node: number): boolean {
  for (const id of map.blocks.ids()) if (map.blocks.node(id) === node) return true;
  return false;
}

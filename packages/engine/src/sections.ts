import { pagesPerSection, type ZoneIndex } from "@memhp/abi";
import { BlockState } from "./block-table.ts";
import { blockEndPfn, type BlockPart, blockStartPfn, type MemoryMap } from "./memory-map.ts";

// Which sections of a block are there. 4.1 adds and removes memory by sections, of which a block may have several (facts §5.1 step 1); a
// block that has all of them needs no parts, any other says with its parts which they are.

/** present_section of a frame: it was added, or boot found RAM in it. A hole within a section has struct pages, and they are reserved. */
export function hasSection(map: MemoryMap, pfn: number): boolean {
  const block = Math.floor(pfn / map.blockPages);
  if (!map.blocks.has(block)) return false;
  const parts = map.parts.get(block);
  if (parts === undefined) return true;
  const sectionPages = pagesPerSection(map.arch);
  const start = Math.floor(pfn / sectionPages) * sectionPages;
  return parts.some(({ startPfn, endPfn, ram }) => ram && startPfn < start + sectionPages && endPfn > start);
}

/** How many sections of a block are there. */
export function countSections(map: MemoryMap, block: number): number {
  let count = 0;
  for (let pfn = blockStartPfn(map, block); pfn < blockEndPfn(map, block); pfn += pagesPerSection(map.arch))
    if (hasSection(map, pfn)) count++;
  return count;
}

/** Where removal of a range ends: __remove_pages of 4.1 goes no further than the first section that is not there (facts §5.2). */
export function endOfRemoval(map: MemoryMap, startPfn: number, nrPages: number): number {
  const endPfn = startPfn + nrPages;
  if (map.kernel.zones.spansShrink !== "on-remove") return endPfn;
  let pfn = startPfn;
  while (pfn < endPfn && hasSection(map, pfn)) pfn += pagesPerSection(map.arch);
  return Math.min(pfn, endPfn);
}

/**
 * Whether a frame has a struct page though its section may not be there: where one mapping holds those of several sections, it stays for
 * as long as any of them is. Until somebody writes them they are zeros.
 */
export function hasStructPage(map: MemoryMap, pfn: number): boolean {
  if (hasSection(map, pfn)) return true;
  const { memmapSpanPages } = map.arch;
  if (memmapSpanPages === undefined) return false;
  const start = Math.floor(pfn / memmapSpanPages) * memmapSpanPages;
  for (let at = start; at < start + memmapSpanPages; at += pagesPerSection(map.arch))
    if (hasSection(map, at)) return true;
  return false;
}

/** Sections come to a block, all of one node and zone. Those of a block that is online stay out of use, as a hole, until the next boot. */
export function addSections(
  map: MemoryMap,
  block: number,
  startPfn: number,
  endPfn: number,
  { node, zone }: { readonly node: number; readonly zone: ZoneIndex },
): void {
  const ram = map.blocks.state(block) === BlockState.offline;
  const others = without(partsOf(map, block), startPfn, endPfn);
  store(map, block, joined([...others, { startPfn, endPfn, node, zone, ram }]));
}

/** A section leaves its block, which goes with the last. @returns whether it did. */
export function removeSection(map: MemoryMap, block: number, pfn: number): boolean {
  const left = without(partsOf(map, block), pfn, pfn + pagesPerSection(map.arch));
  if (left.some(({ ram }) => ram)) {
    store(map, block, left);
    return false;
  }
  return removeBlock(map, block);
}

/** A block goes, with all that is known of it. @returns whether it was there. */
export function removeBlock(map: MemoryMap, block: number): boolean {
  if (!map.blocks.has(block)) return false;
  map.blocks.remove(block);
  map.parts.delete(block);
  map.withheld.delete(block);
  return true;
}

/** Parts that a block has, or would have if it needed any. */
function partsOf(map: MemoryMap, block: number): readonly BlockPart[] {
  const stored = map.parts.get(block);
  if (stored !== undefined) return stored;
  const home = { node: map.blocks.node(block), zone: map.blocks.zone(block) as ZoneIndex };
  return [{ startPfn: blockStartPfn(map, block), endPfn: blockEndPfn(map, block), ...home, ram: true }];
}

function store(map: MemoryMap, block: number, parts: readonly BlockPart[]): void {
  map.blocks.setPresentPages(
    block,
    parts.reduce((pages, { startPfn, endPfn, ram }) => pages + (ram ? endPfn - startPfn : 0), 0),
  );
  const [only] = parts;
  const isWhole = parts.length === 1 && only?.ram === true && only.endPfn - only.startPfn === map.blockPages;
  if (isWhole && only.zone === map.blocks.zone(block)) map.parts.delete(block);
  else map.parts.set(block, parts);
}

function without(parts: readonly BlockPart[], startPfn: number, endPfn: number): BlockPart[] {
  return parts
    .flatMap((part) => [
      { ...part, endPfn: Math.min(part.endPfn, startPfn) },
      { ...part, startPfn: Math.max(part.startPfn, endPfn) },
    ])
    .filter((part) => part.endPfn > part.startPfn);
}

/** Ascending, neighbours alike together. */
function joined(parts: readonly BlockPart[]): BlockPart[] {
  const runs: BlockPart[] = [];
  for (const part of parts.toSorted((a, b) => a.startPfn - b.startPfn)) {
    const last = runs.at(-1);
    const isAlike = last?.node === part.node && last.zone === part.zone && last.ram === part.ram;
    if (last !== undefined && isAlike && last.endPfn === part.startPfn)
      runs[runs.length - 1] = { ...last, endPfn: part.endPfn };
    else runs.push(part);
  }
  return runs;
}

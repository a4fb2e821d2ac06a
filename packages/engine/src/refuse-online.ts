import { pagesPerSection, type Refusal } from "@memhp/abi";
import { BlockFlag } from "./block-table.ts";
import { blockEndPfn, blockStartPfn, type MemoryMap } from "./memory-map.ts";
import { countSections } from "./sections.ts";

/**
 * What keeps a block offline before a zone is chosen and anybody is notified: sections that are not there (4.1), or poisoned
 * pages (facts §3.2 step 1). Undefined where nothing does.
 */
export function refuseOnline(map: MemoryMap, block: number): Refusal | undefined {
  return refuseMissingSections(map, block) ?? refusePoisoned(map, block);
}

/**
 * pages_correctly_reserved of 4.1, which memory_block_action asks first (drivers/base/memory.c; from source, not recorded). 4.1 takes
 * any whole sections as a range to add (facts §5.1 step 1); later kernels whole blocks only, so that they never come to this.
 */
function refuseMissingSections(map: MemoryMap, block: number): Refusal | undefined {
  if (map.kernel.zones.zoneBinding !== "at-add") return undefined;
  const sections = map.blockPages / pagesPerSection(map.arch);
  const present = countSections(map, block);
  if (present >= sections) return undefined;
  const address = (pfn: number): string => `0x${(pfn * 2 ** map.arch.pageShift).toString(16)}`;
  return {
    errno: "EBUSY",
    code: "memory_hole",
    rule: "drivers/base/memory.c of 4.1: pages_correctly_reserved, every section of the block must be there (from source, not recorded)",
    block,
    node: map.blocks.node(block),
    retry: "maybe",
    remedy: [
      `first add the rest of the block's memory, which is from ${address(blockStartPfn(map, block))} up to ${address(blockEndPfn(map, block))}`,
    ],
    detail: `${sections - present} of its ${sections} sections are not there`,
  };
}

/** memory_block_online: poisoned pages keep the block offline (facts §3.2 step 1; observed-6 §13). */
function refusePoisoned(map: MemoryMap, block: number): Refusal | undefined {
  if (!map.kernel.zones.hwpoisonRefusesOnline || !map.blocks.hasFlag(block, BlockFlag.poisoned)) return undefined;
  return {
    errno: "EHWPOISON",
    code: "poisoned",
    rule: "facts §3.2 step 1: the block has poisoned pages",
    block,
    node: map.blocks.node(block),
    retry: "no",
    remedy: ["remove the DIMM and insert a sound one"],
  };
}

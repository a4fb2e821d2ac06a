import type { ZoneName } from "@memhp/abi";
import { type HostBlock, zoneOf } from "../host/host.ts";
import type { PfnRange } from "../host/iomem.ts";
import type { Hugepage } from "../pages/hugepages.ts";
import type { HostRules } from "../rules/host-rules.ts";
import { type BlockSurvey, surveyBlock } from "./block-survey.ts";
import type { Demand } from "./demand.ts";
import type { HostMemory } from "./host-memory.ts";
import type { PageUse } from "./verdict.ts";

/** A block with what its pages are, before anything is judged. */
export interface LookedBlock {
  readonly block: HostBlock;
  readonly node: number | undefined;
  readonly zone: ZoneName | undefined;
  /** Pfns that go offline: without the memmap that the block carries itself. */
  readonly range: PfnRange;
  readonly survey: BlockSurvey;
}

/** Looks at the pages of one block. */
export function lookAt(memory: HostMemory, block: HostBlock, rules: HostRules): LookedBlock {
  const { host } = memory;
  const pages = host.blockSize / host.pageSize;
  const end = (block.block + 1) * pages;
  const start = end - pages + ownMemmap(memory, end - pages, end);
  const zone = zoneOf(block);
  const survey = surveyBlock(host, memory.known, { start, end, zone }, rules);
  return { block, node: block.nodes[0], zone, range: { start, end }, survey };
}

/** A block of memmap_on_memory begins with pages that are the memmap of the others; they are no part of what goes offline. */
function ownMemmap({ host, known }: HostMemory, start: number, end: number): number {
  if (host.flags === undefined) return 0;
  for (const run of host.flags.within(start, end))
    return run.startPfn === start && known[run.value]?.kind === "self_hosted" ? run.pages : 0;
  return 0;
}

/** hugetlb pages that lie in a range, in part at least. */
export function hugepagesIn({ hugepages }: HostMemory, { start, end }: PfnRange): readonly Hugepage[] {
  let low = 0;
  let high = hugepages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { headPfn, pages } = hugepages[middle] as Hugepage;
    if (headPfn + pages > start) high = middle;
    else low = middle + 1;
  }
  let last = low;
  while (last < hugepages.length && (hugepages[last] as Hugepage).headPfn < end) last++;
  return hugepages.slice(low, last);
}

/** Pages of a hugepage that lie in a range. */
export function pagesWithin({ headPfn, pages }: Hugepage, { start, end }: PfnRange): number {
  return Math.max(0, Math.min(end, headPfn + pages) - Math.max(start, headPfn));
}

/** What asks for room elsewhere when the block goes. */
export function demandOf(memory: HostMemory, { survey, range }: LookedBlock): Demand {
  const hugepages = hugepagesIn(memory, range).filter(({ isMapped }) => isMapped);
  return { singles: survey.singles, folios: survey.folios, hugepages };
}

/** Pages of a block by what an offline would do with them. */
export function useOf(memory: HostMemory, { survey, range }: LookedBlock): PageUse {
  const { singles, folios, free, fixed, unknown } = survey;
  const dissolved = hugepagesIn(memory, range)
    .filter(({ isMapped }) => !isMapped)
    .reduce((sum, page) => sum + pagesWithin(page, range), 0);
  return {
    free,
    movable: singles + folios.reduce((sum, pages) => sum + pages, 0) + survey.hugetlbPages - dissolved,
    pinned: 0,
    dissolved,
    fixed,
    unknown,
  };
}

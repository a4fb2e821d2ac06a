import type { Refusal } from "@memhp/abi";
import { ramPages } from "../host/iomem.ts";
import type { Hugepage } from "../pages/hugepages.ts";
import type { HostRules } from "../rules/host-rules.ts";
import { inScanOrder, type Offender } from "./block-survey.ts";
import type { HostMemory } from "./host-memory.ts";
import { lookAt, type LookedBlock } from "./looked.ts";
import * as refusals from "./refusals.ts";

/** What is refused before any page is looked at: blocks of several zones or nodes, and blocks with holes. */
export function refuseEarly(
  { host }: HostMemory,
  { block, range, survey }: LookedBlock,
  rules: HostRules,
  place: refusals.Place,
): Refusal | undefined {
  if (block.validZones?.[0]?.toLowerCase() === "none" || block.nodes.length > 1)
    return refusals.mixedZones(place, rules);
  if (!rules.holesRefuse) return undefined;
  const start = range.end - host.blockSize / host.pageSize;
  if (host.ram !== undefined) {
    const missing = range.end - start - ramPages(host.ram, { start, end: range.end });
    return missing > 0 ? refusals.memoryHole(place, missing) : undefined;
  }
  const missing = range.end - range.start - survey.told;
  return survey.told > 0 && missing > 0 ? refusals.memoryHole(place, missing) : undefined;
}

/** has_unmovable_pages over all pageblocks, and compound pages that lie across the end of the range. */
export function refuseIsolation(
  memory: HostMemory,
  looked: LookedBlock,
  rules: HostRules,
  place: refusals.Place,
): Refusal | undefined {
  const { survey, range } = looked;
  const { pageblockPages } = memory.host;
  const found = [...survey.offenders, ...unmarkedOffenders(memory, looked)];
  if (found.length > 0) {
    const offenders = inScanOrder(found, range, pageblockPages);
    const isUnmarked = survey.offenders.length === 0;
    return refusals.unmovable(place, offenders, isUnmarked ? survey.unknown : survey.fixed, memory);
  }
  const across =
    rules.acrossEnd === "must-move" ? memory.hugepages.find((page) => liesAcross(page, range.end)) : undefined;
  return across === undefined ? undefined : refusals.acrossEnd(place, across, pageblockPages);
}

function liesAcross({ headPfn, pages }: Hugepage, end: number): boolean {
  return headPfn < end && headPfn + pages > end;
}

/**
 * Pages without a flag that are the kernel's: those of a block with too many of them to be free ones, and those of a pageblock in
 * which the kernel has other pages. Pages on processors' lists lie among free ones.
 */
function unmarkedOffenders(memory: HostMemory, looked: LookedBlock): readonly Offender[] {
  const { unknowns, offenders } = looked.survey;
  if (looked.zone === "Movable") return [];
  if (kernelsOwn(memory, looked)) return unknowns;
  const pageblock = ({ pfn }: Offender): number => Math.floor(pfn / memory.host.pageblockPages);
  const taken = new Set(offenders.map(pageblock));
  return unknowns.filter((offender) => taken.has(pageblock(offender)));
}

/** Says of a page without a flag, by its block and pfn, what is judged of it. */
export function unmarkedPages(
  memory: HostMemory,
  rules: HostRules,
): (block: number, pfn: number) => "free" | "unknown" {
  const taken = new Map<number, (pfn: number) => boolean>();
  const look = (block: number): ((pfn: number) => boolean) => {
    const found = memory.host.blocks.find((each) => each.block === block);
    if (found === undefined) return () => true;
    const looked = lookAt(memory, found, rules);
    if (looked.zone === "Movable") return () => false;
    if (kernelsOwn(memory, looked) || looked.survey.unknown === looked.survey.told) return () => true;
    const pageblock = (pfn: number): number => Math.floor(pfn / memory.host.pageblockPages);
    const pageblocks = new Set(looked.survey.offenders.map(({ pfn }) => pageblock(pfn)));
    return (pfn) => pageblocks.has(pageblock(pfn));
  };
  return (block, pfn) => {
    let isTaken = taken.get(block);
    if (isTaken === undefined) {
      isTaken = look(block);
      taken.set(block, isTaken);
    }
    return isTaken(pfn) ? "unknown" : "free";
  };
}

/**
 * Whether pages without a flag are the kernel's own: there are more of them than all processors' lists of the zone hold.
 * Fewer may all be free ones, which isolation passes by (recorded hosts, 6).
 */
function kernelsOwn(memory: HostMemory, { survey, node, zone }: LookedBlock): boolean {
  if (survey.unknown === 0) return false;
  const room = memory.zones.find((each) => each.node === node && each.info.zone === zone);
  return survey.unknown > (room?.pcp ?? 0);
}

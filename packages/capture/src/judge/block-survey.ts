import type { ZoneName } from "@memhp/abi";
import type { Host } from "../host/host.ts";
import type { KnownPage, PageKind } from "../pages/page-kind.ts";
import type { HostRules } from "../rules/host-rules.ts";

/** A page that would keep its block, by what its flags say it is. */
export interface Offender {
  readonly pfn: number;
  readonly kind: PageKind;
}

/** Pages of one block by what an offline would do with them. Base pages, but `folios`. */
export interface BlockSurvey {
  /** Pages that the files tell of. */
  readonly told: number;
  readonly free: number;
  /** Without any flag. */
  readonly unknown: number;
  /** Order-0 pages on, or on their way to, the LRU lists. */
  readonly singles: number;
  /** Large folios of the LRU lists: pages of each. */
  readonly folios: readonly number[];
  /** Of buffers that the kernel holds for a mounted file system. */
  readonly heldBuffers: readonly number[];
  /** hugetlb pages that lie in it, in part at least. */
  readonly hugetlbPages: number;
  readonly poisoned: number;
  /** Pages that isolation fails at: the first of each pageblock, ascending; `fixed` counts all. */
  readonly offenders: readonly Offender[];
  readonly fixed: number;
  /** The first page without a flag of each pageblock. */
  readonly unknowns: readonly Offender[];
  /** Slab pages of order 0 that isolation passes by and migration cannot move. */
  readonly stuck: readonly Offender[];
}

/** Counts the pages of one block. `start` and `end` are pfns of the range that goes offline. */
export function surveyBlock(
  host: Host,
  known: readonly KnownPage[],
  { start, end, zone }: { readonly start: number; readonly end: number; readonly zone: ZoneName | undefined },
  rules: HostRules,
): BlockSurvey {
  const survey = new Survey(host.pageblockPages);
  const isMovableZone = zone === "Movable";
  if (host.flags !== undefined)
    for (const { startPfn, pages, value } of host.flags.within(start, end)) {
      const page = known[value] as KnownPage;
      survey.take(startPfn, pages, page, isMovableZone, rules);
    }
  survey.endFolio();
  return survey;
}

class Survey implements BlockSurvey {
  told = 0;
  free = 0;
  unknown = 0;
  singles = 0;
  folios: number[] = [];
  heldBuffers: number[] = [];
  hugetlbPages = 0;
  poisoned = 0;
  offenders: Offender[] = [];
  fixed = 0;
  unknowns: Offender[] = [];
  stuck: Offender[] = [];
  readonly #pageblockPages: number;
  /** Pages of the folio that is being read; 0 for none. */
  #folio = 0;
  /** What the last head said of itself. */
  #owner: "movable" | "fixed" | "none" = "none";

  constructor(pageblockPages: number) {
    this.#pageblockPages = pageblockPages;
  }

  take(pfn: number, pages: number, page: KnownPage, isMovableZone: boolean, rules: HostRules): void {
    this.told += page.kind === "hole" ? 0 : pages;
    if (page.isTail && this.#owner !== "none") {
      if (this.#owner === "movable") this.#folio += pages;
      else if (!isMovableZone) this.#refuse(pfn, pages, page.kind);
      return;
    }
    this.endFolio();
    switch (page.kind) {
      case "hole":
      case "self_hosted":
        return;
      case "free":
      case "page_offline":
        this.free += pages;
        return;
      case "poisoned":
        this.poisoned += pages;
        return;
      case "hugetlb":
        this.hugetlbPages += pages;
        return;
      case "lru":
      case "batched":
        this.singles += pages;
        if (page.isHeldBuffer) for (let at = 0; at < pages; at++) this.heldBuffers.push(pfn + at);
        return;
      case "reserved":
        if (!isMovableZone || rules.movableZone === "reserved-refuses") this.#refuse(pfn, pages, "reserved");
        return;
      case "unmarked":
        this.unknown += pages;
        this.#each(this.unknowns, pfn, pages, "unmarked");
        return;
      case "compound":
        if (page.isHead && page.isLru) {
          this.#owner = "movable";
          this.#folio = pages;
          return;
        }
        break;
      default:
    }
    if (page.isHead) this.#owner = "fixed";
    if (isMovableZone) return;
    if (page.kind === "slab" && !page.isHead && !page.isTail && rules.slabReferences === "none")
      this.#each(this.stuck, pfn, pages, "slab");
    else this.#refuse(pfn, pages, page.kind);
  }

  endFolio(): void {
    if (this.#folio > 0) this.folios.push(this.#folio);
    this.#folio = 0;
    this.#owner = "none";
  }

  #refuse(pfn: number, pages: number, kind: PageKind): void {
    this.fixed += pages;
    this.#each(this.offenders, pfn, pages, kind);
  }

  /** Notes the first page of each pageblock that a run touches. */
  #each(list: Offender[], pfn: number, pages: number, kind: PageKind): void {
    let block = Math.floor((list.at(-1)?.pfn ?? -1) / this.#pageblockPages);
    for (let at = pfn; at < pfn + pages; at = (Math.floor(at / this.#pageblockPages) + 1) * this.#pageblockPages) {
      const own = Math.floor(at / this.#pageblockPages);
      if (own !== block) list.push({ pfn: at, kind });
      block = own;
    }
  }
}

/**
 * Offenders in the order in which start_isolate_page_range comes to them: first pageblock of the range, last, then the others
 * (recorded hosts, 8).
 */
export function inScanOrder(
  offenders: readonly Offender[],
  { start, end }: { readonly start: number; readonly end: number },
  pageblockPages: number,
): readonly Offender[] {
  const rank = ({ pfn }: Offender): number => (pfn < start + pageblockPages ? 0 : pfn >= end - pageblockPages ? 1 : 2);
  return offenders.toSorted((a, b) => rank(a) - rank(b) || a.pfn - b.pfn);
}

import type { PageKindName } from "@memhp/abi";
import type { Session } from "../session/session.ts";

/** What stands in the way of an offline, from nothing to everything. */
export type PageUse = "free" | "movable" | "pinned" | "kernel" | "hugetlb" | "poisoned" | "away";

/** Neighbouring frames that are alike. */
export interface PageRunView {
  /** Counted from the block's first frame. */
  readonly from: number;
  readonly count: number;
  readonly use: PageUse;
  readonly kind: PageKindName | "not online";
  readonly owner: string | undefined;
  readonly pins: number;
}

export interface PagesView {
  readonly block: number;
  readonly firstPfn: number;
  readonly pages: number;
  /** Frames of a pageblock, whose migratetype the kernel keeps. */
  readonly pageblock: number;
  readonly runs: readonly PageRunView[];
  /** Those that the block's last refusal named and that are still in the way, counted from its first frame. */
  readonly offenders: readonly number[];
  /** More runs than are sent; the last stands for all that follows. */
  readonly isCut: boolean;
}

const MOST_RUNS = 40_000;
const movable: ReadonlySet<PageKindName> = new Set(["anonymous", "file", "shmem", "mlocked", "thp"]);
const hugetlb: ReadonlySet<PageKindName> = new Set(["hugetlb_2m", "hugetlb_2m_free", "hugetlb_1g", "hugetlb_1g_free"]);
const away: ReadonlySet<PageKindName> = new Set(["hole", "offline"]);

/** Every frame of a block, as runs of like ones. */
export async function pagesView({ machine, log }: Session, block: number): Promise<PagesView> {
  const pages = machine.board.blockSizeBytes / machine.pageSize;
  const firstPfn = block * pages;
  const runs = await machine.pages.runs(firstPfn, pages);
  const named = log.lastRefusalOf(block)?.refusal.pages ?? [];
  const isInTheWay = (pfn: number): boolean => {
    const page = runs.find(({ startPfn, count }) => pfn >= startPfn && pfn < startPfn + count)?.page;
    return page !== undefined && page.kind !== "free";
  };
  return {
    block,
    offenders: named.flatMap(({ pfn }) => (isInTheWay(pfn) ? [pfn - firstPfn] : [])),
    firstPfn,
    pages,
    pageblock: 2 ** machine.board.arch.pageblockOrder,
    isCut: runs.length > MOST_RUNS,
    runs: runs.slice(0, MOST_RUNS).map(({ startPfn, count, page }): PageRunView => ({
      from: startPfn - firstPfn,
      count,
      use: page === undefined ? "away" : useOf(page),
      kind: page?.kind ?? "not online",
      owner: page?.owner,
      pins: page?.pins ?? 0,
    })),
  };
}

function useOf({ kind, pins, isPoisoned }: { kind: PageKindName; pins: number; isPoisoned: boolean }): PageUse {
  if (isPoisoned || kind === "hwpoison") return "poisoned";
  if (kind === "free") return "free";
  if (away.has(kind)) return "away";
  if (pins > 0) return "pinned";
  if (hugetlb.has(kind)) return "hugetlb";
  return movable.has(kind) ? "movable" : "kernel";
}

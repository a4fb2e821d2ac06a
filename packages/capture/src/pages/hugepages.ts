import type { KnownPage } from "./page-kind.ts";
import type { PageRuns } from "./page-runs.ts";

/** A hugetlb page. */
export interface Hugepage {
  readonly headPfn: number;
  /** Base pages. */
  readonly pages: number;
  /** Whether a program maps it; one of a file that nobody maps looks free. */
  readonly isMapped: boolean;
}

/** All hugetlb pages, ascending. */
export function findHugepages(flags: PageRuns, known: readonly KnownPage[], counts: PageRuns | undefined): Hugepage[] {
  const found: { headPfn: number; pages: number; isMapped: boolean }[] = [];
  for (const { startPfn, pages, value } of flags.within(0, Number.POSITIVE_INFINITY)) {
    const page = known[value] as KnownPage;
    if (page.kind !== "hugetlb") continue;
    const last = found.at(-1);
    if (page.isHead) found.push({ headPfn: startPfn, pages, isMapped: page.isMapped });
    else if (last !== undefined && last.headPfn + last.pages === startPfn) {
      last.pages += pages;
      last.isMapped ||= page.isMapped;
    }
  }
  if (counts !== undefined)
    for (const page of found)
      if (!page.isMapped)
        for (const { value } of counts.within(page.headPfn, page.headPfn + 1))
          page.isMapped = (counts.values[value]?.low ?? 0) > 0;
  return found;
}

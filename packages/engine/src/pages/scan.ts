import type { Refusal } from "@memhp/abi";
import { pfnOf } from "./page-index.ts";
import { hasMovableOps, isFreeHugetlb, isHugetlb, isLru, PageKind } from "./page-kind.ts";
import { FREE_HEAD, headOrder, KIND_MASK, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { placeOf, refusedPage } from "./refused-page.ts";
import { pinsOf } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";

/** What scan_movable_pages finds: a page to move, nothing, or (6.x) a page that never will move. */
export type ScanResult =
  | { readonly found: "page"; readonly pfn: number }
  | { readonly found: "nothing" }
  | { readonly found: "unmovable"; readonly refusal: Refusal };

const NOTHING: ScanResult = { found: "nothing" };

/** Does this kernel's scan stop at a page of the kind? */
function isWanted(store: PageStore, kind: number): boolean {
  if (isLru[kind] === 1) return true;
  if (isHugetlb[kind] === 1) return isFreeHugetlb[kind] === 0;
  return hasMovableOps[kind] === 1 && store.rules.movableOpsMove;
}

/** scan_movable_pages over a block, from its start or from a later frame (facts §4.1 step 9, §4.2 step 9). */
export function scanMovable(store: PageStore, block: number, fromPfn: number = block * store.blockPages): ScanResult {
  const row = store.rows.find(block);
  const slot = store.rows.slot[row] as number;
  if (slot < 0) return scanWhole(store, row, block, fromPfn);
  const first = slot * store.blockPages;
  for (let index = first + (fromPfn - block * store.blockPages); index < first + store.blockPages;) {
    const code = store.state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    if (kind === PageKind.offline && store.rules.offlinePages === "leave-unless-held" && pinsOf(store, index) > 0) {
      return { found: "unmovable", refusal: offlinePageHeld(store, block, index) };
    }
    if ((code & POISONED) === 0 && isWanted(store, kind)) {
      const pfn = pfnOf(store, index);
      return pfn === 0 && store.rules.pfnZeroIsNothing ? NOTHING : { found: "page", pfn };
    }
    index++;
  }
  return NOTHING;
}

/** The first page of a row that is in use. */
function scanWhole(store: PageStore, row: number, block: number, fromPfn: number): ScanResult {
  if (!isWholeUsed(store, row)) return NOTHING;
  const held = (store.rows.held[row] as number) << store.maxOrder;
  const pfn = Math.max(fromPfn, block * store.blockPages + held);
  return pfn === 0 && store.rules.pfnZeroIsNothing ? NOTHING : { found: "page", pfn };
}

/** A PageOffline page that its driver still refers to. */
export function offlinePageHeld(store: PageStore, block: number, index: number): Refusal {
  return {
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.2 step 9: a PageOffline page with references",
    block,
    ...placeOf(store, index),
    pages: [refusedPage(store, index)],
    total: 1,
    retry: "maybe",
    remedy: ["have its driver (virtio-mem, a balloon) give the page back"],
  };
}

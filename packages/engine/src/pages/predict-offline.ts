import type { Refusal } from "@memhp/abi";
import { mayStay, refuseNotFree } from "./isolation.ts";
import { hasReferences } from "./collect-pages.ts";
import { GIGANTIC, HELD, NOT_MANAGED, refuseMigration } from "./migrate-failure.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { hasMovableOps, isFreeHugetlb, isHugetlb, isLru, PageKind } from "./page-kind.ts";
import { mostOfBatch } from "./page-rules.ts";
import { FREE_HEAD, headOrder, KIND_MASK, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { Offenders } from "./refused-page.ts";
import { offlinePageHeld } from "./scan.ts";
import { orderOfUsed, pinsOf } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";
import { isLetGo } from "./withheld.ts";

/** One used page of a block, as an offline comes across it. */
interface Met {
  readonly index: number;
  readonly code: number;
  readonly kind: number;
  /** Base pages from here to its end, or to the end of the block. */
  readonly size: number;
}

function* usedPages(store: PageStore, first: number): IterableIterator<Met> {
  const end = first + store.blockPages;
  for (let index = first; index < end;) {
    const code = store.state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    const isWhole = (isLru[kind] === 1 || isHugetlb[kind] === 1) && (code & TAIL) === 0;
    const size = isWhole ? Math.min(2 ** orderOfUsed(store, index), end - index) : 1;
    yield { index, code, kind, size };
    index += size;
  }
}

/** It leaves the LRU, or its list, but does not move: pinned, or nobody may look into it. */
function isHeld(store: PageStore, { index, kind }: Met): boolean {
  return kind === PageKind.secret || pinsOf(store, index) > 0;
}

/** 4.1 tries for 120 s, 6.x until somebody signals it (facts §4.1 step 6, §4.2 step 9). */
function triedInVain({ rules }: PageStore, refusal: Refusal): Refusal {
  return rules.offlineRetries === "bounded"
    ? { ...refusal, errno: "EAGAIN", rule: "facts §4.1 step 6: 4.1 tries for 120 s, then gives up" }
    : { ...refusal, errno: "EINTR", rule: "facts §4.2 step 9: there is no timeout, only a signal ends the attempt" };
}

/**
 * What an offline of a block would come across after isolation, with all the room in the world for what can move:
 * why it would fail, or with EINTR that it would never end by itself. Nothing is tried.
 */
export function predictOffline(store: PageStore, block: number): Refusal | undefined {
  const row = store.rows.find(block);
  if (row < 0) return undefined;
  // Pages all alike can move; what the kernel holds is looked at one by one.
  if (isWholeUsed(store, row) && store.rows.held[row] !== 0) expandToFrames(store, row);
  const slot = store.rows.slot[row] as number;
  if (slot < 0) return undefined;
  const pages = usedPages(store, slot * store.blockPages);
  return store.rules.notManagedStops ? predictByBatches(store, block, pages) : predictByPages(store, block, pages);
}

/**
 * 4.1 collects up to 256 pages from the first on the LRU. What moves is gone the next time, what is held is collected
 * again; a page that is not managed counts only if a batch comes to it (facts §4.1 step 9, §4.4).
 */
function predictByBatches(store: PageStore, block: number, pages: Iterable<Met>): Refusal | undefined {
  const most = mostOfBatch(store.rules);
  const held = new Offenders(store);
  const stays = new Offenders(store);
  let firstHeld = -1;
  let collected = 0;
  /** Batches hold nothing but what cannot move: they never come to the pages behind. */
  let isStuck = false;
  for (const page of pages) {
    const { index, code, kind, size } = page;
    if (isStuck) {
      if (isLru[kind] === 1 && (code & (POISONED | TAIL)) === 0 && isHeld(store, page)) held.add(index, size);
      continue;
    }
    const isHugepage = isHugetlb[kind] === 1 && isFreeHugetlb[kind] === 0;
    if (isHugetlb[kind] === 1 && orderOfUsed(store, index) > store.maxOrder && (code & POISONED) === 0) {
      if (held.total > 0) {
        isStuck = true;
        continue;
      }
      if (isHugepage) return refuseOne(store, block, GIGANTIC, index);
      collected = 0;
    } else if ((isLru[kind] === 1 && (code & (POISONED | TAIL)) === 0) || (isHugepage && (code & TAIL) === 0)) {
      if (isHeld(store, page)) {
        held.add(index, size);
        if (firstHeld < 0) firstHeld = index;
      }
      collected += size;
      if (collected >= most) collected = held.total;
      isStuck = held.total >= most;
    } else if (isHugetlb[kind] === 0 && isLru[kind] === 0) {
      if (collected > 0 && hasReferences(store, index)) return refuseOne(store, block, NOT_MANAGED, index);
      if (!mayStay(store, code)) stays.add(index);
    }
  }
  if (held.total > 0) return triedInVain(store, refuseMigration(store, block, HELD, held, firstHeld));
  return refuseNotFree(store, block, stays);
}

/** 6.x looks at every page of the block; what does not move keeps it from ending (facts §4.2 step 9). */
function predictByPages(store: PageStore, block: number, pages: Iterable<Met>): Refusal | undefined {
  const held = new Offenders(store);
  const stays = new Offenders(store);
  let firstHeld = -1;
  for (const page of pages) {
    const { index, code, kind, size } = page;
    if ((code & POISONED) !== 0) continue;
    if (isLru[kind] === 1 || isHugetlb[kind] === 1 || hasMovableOps[kind] === 1) {
      if (isFreeHugetlb[kind] === 1 || (code & TAIL) !== 0 || !isHeld(store, page)) continue;
      held.add(index, size);
      if (firstHeld < 0) firstHeld = index;
    } else if (kind === PageKind.offline && pinsOf(store, index) > 0) {
      if (firstHeld < 0 && !isLetGo(store, index)) return offlinePageHeld(store, block, index);
    } else if (!mayStay(store, code)) {
      stays.add(index);
    }
  }
  const refusal =
    firstHeld < 0 ? refuseNotFree(store, block, stays) : refuseMigration(store, block, HELD, held, firstHeld);
  return refusal && triedInVain(store, refusal);
}

function refuseOne(
  store: PageStore,
  block: number,
  failure: Parameters<typeof refuseMigration>[2],
  index: number,
): Refusal {
  const offenders = new Offenders(store);
  offenders.add(index);
  return refuseMigration(store, block, failure, offenders, index);
}

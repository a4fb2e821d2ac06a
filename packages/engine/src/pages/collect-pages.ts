import { NIL } from "./block-rows.ts";
import { countAlike } from "./free-pages.ts";
import { GIGANTIC, type MigrateFailure, NOT_MANAGED } from "./migrate-failure.ts";
import { isHugetlbPage } from "./migration-target.ts";
import { hasMovableOps, isFreeHugetlb, isLru, PageKind } from "./page-kind.ts";
import { mostOfBatch } from "./page-rules.ts";
import type { PageRuns } from "./page-runs.ts";
import { FREE_HEAD, headOrder, KIND_MASK, MAX_OWNER, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import type { Offenders } from "./refused-page.ts";
import { splitThp } from "./split-thp.ts";
import { orderOfUsed } from "./used-pages.ts";

const { thp: THP, secret: SECRET } = PageKind;

/** The list of migrate_pages. */
export interface MigrationList {
  /** Pages that wait for a target, in the order of the list. */
  waiting: PageRuns;
  /** Base pages that do not move. */
  failedPages: number;
  /** Pages that have extra references and stay; the first of them. */
  readonly held: Offenders;
  /** Index of the first page that somebody holds, or -1. */
  firstHeld: number;
}

/** Puts pages alike on the list of migrate_pages: those that are pinned, or that nobody may look into, do not wait for a target. */
export function enlist(store: PageStore, list: MigrationList, index: number, count: number): void {
  if (store.linkB[index] === 0 && ((store.state[index] as number) & KIND_MASK) !== SECRET) {
    list.waiting.push(index, count);
    return;
  }
  const size = 2 ** orderOfUsed(store, index);
  for (let i = 0; i < count; i++) list.held.add(index + i * size, size);
  if (list.firstHeld === NIL) list.firstHeld = index;
  list.failedPages += count * size;
}

/** The page at which collecting ended, and why. */
export interface Stop {
  readonly index: number;
  readonly failure: MigrateFailure;
}

/** Takes pages off the LRU from `start` on: at most 256 in 4.1, the rest of the block in 6.x. */
export function collect(store: PageStore, start: number, end: number, list: MigrationList): Stop | undefined {
  const { state, linkA, rules } = store;
  // Never more than there are: a whole number, unlike 6.x's infinity.
  const most = Math.min(mostOfBatch(rules), end - start);
  let collected = 0;
  for (let index = start; index < end && collected < most;) {
    const code = state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    if (isLru[kind] === 1 && (code & (POISONED | TAIL)) === 0) {
      // In memory that was used for long most pages stand alone.
      if (state[index + 1] !== code && (linkA[index] as number) <= MAX_OWNER) {
        enlist(store, list, index, 1);
        collected++;
        index++;
        continue;
      }
      if (kind === THP && rules.splitThp && store.linkB[index] === 0) splitThp(store, index);
      const size = 1 << orderOfUsed(store, index);
      const limit = Math.min(end - index, Math.ceil((most - collected) / size) * size);
      const count = countAlike(store, index, index + limit);
      enlist(store, list, index, count);
      collected += count * size;
      index += count * size;
      continue;
    }
    if (isHugetlbPage(store, index)) {
      const size = 2 ** orderOfUsed(store, index);
      const isGigantic = size > 1 << store.maxOrder;
      if (isGigantic && !rules.giganticMoves) return { index, failure: GIGANTIC };
      // Free ones, and tails of a gigantic page that starts in another block, cannot be taken: ignored.
      if (isFreeHugetlb[kind] === 0 && (code & TAIL) === 0) {
        enlist(store, list, index, 1);
        collected += size;
      }
      index += isGigantic && (code & TAIL) !== 0 ? 1 : Math.min(size, end - index);
      continue;
    }
    if (hasMovableOps[kind] === 1 && rules.movableOpsMove) {
      enlist(store, list, index, 1);
      collected++;
    } else if (rules.notManagedStops && hasReferences(store, index)) {
      return { index, failure: NOT_MANAGED };
    }
    index++;
  }
  return undefined;
}

/** page_count above 0: tails have none, a poisoned frame only if somebody used it then; a balloon's or hole's page has one. */
export function hasReferences(store: PageStore, index: number): boolean {
  if (((store.state[index] as number) & TAIL) !== 0) return false;
  const kind = (store.state[index] as number) & KIND_MASK;
  return kind !== PageKind.hwpoison || store.linkB[index] !== 0;
}

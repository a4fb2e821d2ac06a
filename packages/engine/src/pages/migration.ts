import type { Errno, Refusal, RefusalCode } from "@memhp/abi";
import { NIL } from "./block-rows.ts";
import { type LotGrant, lotsOf, releaseSource, takeLots } from "./page-lots.ts";
import { isHugetlbPage, type MigrationContext, targetPlaces } from "./migration-target.ts";
import { zoneOfIndex } from "./page-index.ts";
import { hasMovableOps, isFreeHugetlb, isLru, PageKind } from "./page-kind.ts";
import { FREE_HEAD, headOrder, KIND_MASK, ownerWord, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { Offenders, placeOf } from "./refused-page.ts";
import { countKind, orderOfUsed, ownerOfUsed } from "./used-pages.ts";

/** What one do_migrate_range did. Pages are base pages. */
export interface MigrateOutcome {
  readonly migratedPages: number;
  readonly failedPages: number;
  /** Passes over the list that migrate_pages made: what it costs in time. */
  readonly passes: number;
  /**
   * "moved": all collected pages did. "left": some did not, so 4.1 goes round without counting it (facts §4.1 step 9).
   * "error": a negative result; 4.1 gives up at the fifth.
   */
  readonly result: "moved" | "left" | "error";
  /** Why pages stayed. */
  readonly refusal?: Refusal;
}

/** Why a page stays where it is. */
export type MigrateFailure = readonly [errno: Errno, code: RefusalCode, rule: string, retry: "no" | "maybe"];

export const NOT_MANAGED: MigrateFailure = [
  "EBUSY",
  "unmovable_page",
  "facts §4.4: a page with references that is not on the LRU puts the whole batch back",
  "maybe",
];
export const GIGANTIC: MigrateFailure = [
  "EBUSY",
  "unmovable_page",
  "facts §4.4: a hugepage larger than a section does not move",
  "no",
];
export const HELD: MigrateFailure = [
  "EAGAIN",
  "pinned_page",
  "facts §4.4: a page with extra references stays after every pass",
  "maybe",
];
const NO_TARGET: MigrateFailure = [
  "ENOMEM",
  "no_target_memory",
  "facts §4.4: no allowed zone has a free target page",
  "maybe",
];

const { thp: THP, secret: SECRET } = PageKind;

/** A do_migrate_range between the moment in which its pages left the LRU and the one in which all have moved or failed. */
export interface Migration {
  readonly block: number;
  /** First frames of the pages that wait for a target, in the order of the list. */
  waiting: number[];
  migratedPages: number;
  failedPages: number;
  /** Pages that have extra references and stay; the first of them. */
  readonly held: Offenders;
  firstHeld: number;
  /** The first page for which no allowed zone had a target. */
  noTarget: number;
}

/** Starts do_migrate_range: collects pages of the block from a frame upwards. An outcome where that already fails. */
export function beginMigration(store: PageStore, block: number, fromPfn: number): Migration | MigrateOutcome {
  const row = store.rows.find(block);
  const first = (store.rows.slot[row] as number) * store.blockPages;
  const start = first + (fromPfn - block * store.blockPages);
  const batch = collect(store, start, first + store.blockPages);
  const { stop } = batch;
  if (stop !== undefined && (stop.failure === NOT_MANAGED || batch.pages.length === 0)) {
    const offenders = new Offenders(store);
    offenders.add(stop.index);
    const refusal = refuseMigration(store, block, stop.failure, offenders, stop.index);
    return { migratedPages: 0, failedPages: 0, passes: 0, result: "error", refusal };
  }
  return migrationOf(store, block, batch.pages);
}

/** migrate_pages over a list: pages that are pinned, or that nobody may look into, do not wait for a target. */
export function migrationOf(store: PageStore, block: number, list: readonly number[]): Migration {
  const held = new Offenders(store);
  const waiting: number[] = [];
  let firstHeld = NIL;
  let failedPages = 0;
  for (const index of list) {
    if ((store.linkB[index] as number) === 0 && ((store.state[index] as number) & KIND_MASK) !== SECRET) {
      waiting.push(index);
      continue;
    }
    const size = 1 << orderOfUsed(store, index);
    held.add(index, size);
    if (firstHeld === NIL) firstHeld = index;
    failedPages += size;
  }
  return { block, waiting, migratedPages: 0, failedPages, held, firstHeld, noTarget: NIL };
}

/**
 * Takes note of which pages found a target: `grants` answers `lotsOf(store, migration.waiting)`. What is still waiting
 * afterwards asks once more: 6.x splits a THP without a target of its size, and its pages move one by one.
 */
export function settleMigration(store: PageStore, migration: Migration, grants: readonly LotGrant[]): void {
  const left: number[] = [];
  let at = 0;
  for (const [i, { count }] of lotsOf(store, migration.waiting).entries()) {
    const grant = grants[i] as LotGrant;
    for (let page = 0; page < count; page++) {
      const index = migration.waiting[at++] as number;
      if (page >= grant.count) {
        left.push(index);
        continue;
      }
      migration.migratedPages += 2 ** orderOfUsed(store, index);
      releaseSource(store, index, page >= grant.count - grant.temporary);
    }
  }
  const isThp = (index: number): boolean => ((store.state[index] as number) & KIND_MASK) === THP;
  migration.waiting = [];
  if (left.every(isThp)) {
    for (const index of left) {
      const size = 1 << orderOfUsed(store, index);
      splitThp(store, index);
      for (let i = 0; i < size; i++) migration.waiting.push(index + i);
    }
    return;
  }
  migration.noTarget = left[0] as number;
  migration.failedPages += left.reduce((sum, index) => sum + 2 ** orderOfUsed(store, index), 0);
}

/** What a migration came to, once nothing waits any more. */
export function endMigration(store: PageStore, migration: Migration): MigrateOutcome {
  const { block, migratedPages, failedPages, held, firstHeld, noTarget } = migration;
  store.migrateSuccess += migratedPages;
  store.migrateFail += failedPages;
  if (noTarget !== NIL) {
    const offenders = new Offenders(store);
    offenders.add(noTarget, failedPages);
    const refusal = refuseMigration(store, block, NO_TARGET, offenders, noTarget);
    return { migratedPages, failedPages, passes: 1, result: "error", refusal };
  }
  if (firstHeld === NIL) return { migratedPages, failedPages, passes: 1, result: "moved" };
  const refusal = refuseMigration(store, block, HELD, held, firstHeld);
  return { migratedPages, failedPages, passes: store.rules.migratePasses, result: "left", refusal };
}

/** do_migrate_range where every node that may take the pages is in this store. */
export function migrateBatch(
  store: PageStore,
  block: number,
  fromPfn: number,
  context: MigrationContext,
): MigrateOutcome {
  const migration = beginMigration(store, block, fromPfn);
  return "result" in migration ? migration : migrateWithin(store, migration, context);
}

function migrateWithin(store: PageStore, migration: Migration, context: MigrationContext): MigrateOutcome {
  while (migration.waiting.length > 0) {
    const places = targetPlaces(store, zoneOfIndex(store, migration.waiting[0] as number), context);
    settleMigration(store, migration, takeLots(store, lotsOf(store, migration.waiting), places, context.floors));
  }
  return endMigration(store, migration);
}

interface Batch {
  readonly pages: number[];
  /** The page at which collecting ended, and why. */
  readonly stop?: { readonly index: number; readonly failure: MigrateFailure };
}

/** Pages taken off the LRU from `start` on: at most 256 in 4.1, the rest of the block in 6.x. */
function collect(store: PageStore, start: number, end: number): Batch {
  const { state, rules } = store;
  const batchPages = rules.batchPages === "whole-range" ? Number.POSITIVE_INFINITY : rules.batchPages;
  const pages: number[] = [];
  let collected = 0;
  for (let index = start; index < end && collected < batchPages;) {
    const code = state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    if (isLru[kind] === 1 && (code & (POISONED | TAIL)) === 0) {
      if (kind === THP && rules.splitThp && store.linkB[index] === 0) splitThp(store, index);
      pages.push(index);
      const size = 1 << orderOfUsed(store, index);
      collected += size;
      index += size;
      continue;
    }
    if (isHugetlbPage(store, index)) {
      const size = 2 ** orderOfUsed(store, index);
      const isGigantic = size > 1 << store.maxOrder;
      if (isGigantic && !rules.giganticMoves) return { pages, stop: { index, failure: GIGANTIC } };
      // Free ones, and tails of a gigantic page that starts in another block, cannot be taken: ignored.
      if (isFreeHugetlb[kind] === 0 && (code & TAIL) === 0) {
        pages.push(index);
        collected += size;
      }
      index += isGigantic && (code & TAIL) !== 0 ? 1 : Math.min(size, end - index);
      continue;
    }
    if (hasMovableOps[kind] === 1 && rules.movableOpsMove) {
      pages.push(index);
      collected++;
    } else if (rules.notManagedStops && hasReferences(store, index)) {
      return { pages, stop: { index, failure: NOT_MANAGED } };
    }
    index++;
  }
  return { pages };
}

/** page_count above 0: tails have none, a poisoned frame only if somebody used it then; a balloon's or hole's page has one. */
export function hasReferences(store: PageStore, index: number): boolean {
  if (((store.state[index] as number) & TAIL) !== 0) return false;
  const kind = (store.state[index] as number) & KIND_MASK;
  return kind !== PageKind.hwpoison || store.linkB[index] !== 0;
}

/** split_huge_page: the frames stay where they are and become anonymous pages of their own; a pin stays with the first. */
export function splitThp(store: PageStore, index: number): void {
  const order = orderOfUsed(store, index);
  const word = ownerWord(ownerOfUsed(store, index), 0);
  const pages = 1 << order;
  const zone = zoneOfIndex(store, index);
  const pins = store.linkB[index] as number;
  for (let i = index; i < index + pages; i++) {
    store.state[i] = ((store.state[i] as number) & POISONED) | PageKind.anonymous;
  }
  store.linkA.fill(word, index, index + pages);
  store.linkB.fill(0, index, index + pages);
  store.linkB[index] = pins;
  countKind(store, zone, PageKind.thp, -pages);
  countKind(store, zone, PageKind.anonymous, pages);
}

/** The refusal that a failure comes to, with the pages that stay. */
export function refuseMigration(
  store: PageStore,
  block: number,
  [errno, code, rule, retry]: MigrateFailure,
  offenders: Offenders,
  index: number,
): Refusal {
  const owner = offenders.pages[0]?.owner ?? "its owner";
  const remedies: Partial<Record<RefusalCode, readonly string[]>> = {
    pinned_page: [`wait until ${owner} unpins its pages, or end it`],
    no_target_memory: ["free or online memory where the pages may go", `shrink ${owner}`],
  };
  return {
    errno,
    code,
    rule,
    block,
    ...placeOf(store, index),
    pages: offenders.pages,
    total: offenders.total,
    retry,
    remedy: remedies[code] ?? [`release the pages of ${owner}`, "offline another block"],
  };
}

import type { Errno, Refusal, RefusalCode } from "@memhp/abi";
import { NIL } from "./block-rows.ts";
import { countAlike } from "./free-pages.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import {
  type TargetsFound,
  migratingFolios,
  type MigratingFolios,
  type PageRuns,
  releaseSources,
  allocateTargets,
} from "./migrating-folios.ts";
import { isHugetlbPage, type MigrationContext, targetPlaces } from "./migration-target.ts";
import { zoneOfIndex } from "./page-index.ts";
import { hasMovableOps, isFreeHugetlb, isLru, PageKind } from "./page-kind.ts";
import { mostOfBatch } from "./page-rules.ts";
import { FREE_HEAD, headOrder, KIND_MASK, ownerWord, POISONED, TAIL } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { Offenders, placeOf } from "./refused-page.ts";
import { countKind, orderOfUsed, ownerName, ownerOfUsed } from "./used-pages.ts";
import { isWholeUsed } from "./row-form.ts";
import { freeWhole, wholePages } from "./whole-block.ts";

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
  /** Pages that wait for a target, in the order of the list. */
  waiting: number[];
  /** All pages of the block wait, which is a row: `waiting` says nothing. */
  waitsWhole: boolean;
  migratedPages: number;
  failedPages: number;
  /** Pages that have extra references and stay; the first of them. */
  readonly held: Offenders;
  /** Index of the first page that somebody holds, or -1. */
  firstHeld: number;
  /** The first page for which no allowed zone had a target. */
  noTarget: number;
}

/** Starts do_migrate_range: collects pages of the block from a frame upwards. An outcome where that already fails. */
export function beginMigration(
  store: PageStore,
  block: number,
  fromPfn: number,
  endPfn: number = (block + 1) * store.blockPages,
): Migration | MigrateOutcome {
  const row = store.rows.find(block);
  const migration = newMigration(store, block);
  if (endPfn === (block + 1) * store.blockPages && movesWhole(store, row, fromPfn - block * store.blockPages)) {
    migration.waitsWhole = true;
    return migration;
  }
  const first = expandToFrames(store, row);
  const start = first + (fromPfn - block * store.blockPages);
  const stop = collect(store, start, first + (endPfn - block * store.blockPages), migration);
  const isEmpty = migration.waiting.length === 0 && migration.firstHeld === NIL;
  if (stop !== undefined && (stop.failure === NOT_MANAGED || isEmpty)) {
    const offenders = new Offenders(store);
    offenders.add(stop.index);
    const refusal = refuseMigration(store, block, stop.failure, offenders, stop.index);
    return { migratedPages: 0, failedPages: 0, passes: 0, result: "error", refusal };
  }
  return migration;
}

/** The whole block in one call, and what it leaves free is a row again: not 4.1's batches, nor chunks that stay apart. */
function movesWhole(store: PageStore, row: number, from: number): boolean {
  const { rows, rules } = store;
  if (!isWholeUsed(store, row) || !rules.isolatedMerge || mostOfBatch(rules) < store.blockPages) return false;
  return from === (rows.held[row] as number) << store.maxOrder;
}

function newMigration(store: PageStore, block: number): Migration {
  return {
    block,
    waiting: [],
    waitsWhole: false,
    migratedPages: 0,
    failedPages: 0,
    held: new Offenders(store),
    firstHeld: NIL,
    noTarget: NIL,
  };
}

/** migrate_pages over one page. */
export function migrationOf(store: PageStore, block: number, index: number): Migration {
  const migration = newMigration(store, block);
  enlist(store, migration, index, 1);
  return migration;
}

/** Puts pages alike on the list of migrate_pages: those that are pinned, or that nobody may look into, do not wait for a target. */
function enlist(store: PageStore, migration: Migration, index: number, count: number): void {
  if (store.linkB[index] === 0 && ((store.state[index] as number) & KIND_MASK) !== SECRET) {
    migration.waiting.push(index, count);
    return;
  }
  const size = 2 ** orderOfUsed(store, index);
  for (let i = 0; i < count; i++) migration.held.add(index + i * size, size);
  if (migration.firstHeld === NIL) migration.firstHeld = index;
  migration.failedPages += count * size;
}

/** True while pages wait for targets. */
export function isWaiting({ waiting, waitsWhole }: Migration): boolean {
  return waitsWhole || waiting.length > 0;
}

/** What waits for a target. */
export function foliosWaiting(store: PageStore, { block, waiting, waitsWhole }: Migration): MigratingFolios[] {
  if (!waitsWhole) return migratingFolios(store, waiting);
  const row = store.rows.find(block);
  const owner = ownerName(store, store.rows.owner[row] as number);
  return [{ kind: store.rows.kind[row] as number, order: 0, owner, count: wholePages(store, row) }];
}

/**
 * Takes note of which pages found a target: `found` answers `foliosWaiting`. What is still waiting afterwards asks once
 * more: 6.x splits a THP without a target of its size, and its pages move one by one.
 */
export function settleMigration(store: PageStore, migration: Migration, found: readonly TargetsFound[]): void {
  if (migration.waitsWhole && settleWhole(store, migration, found[0] as TargetsFound)) return;
  const left: number[] = [];
  const { waiting } = migration;
  let run = 0;
  /** Pages of the run that earlier folios, or the earlier part of this one, have had. */
  let used = 0;
  for (const [i, { count, order }] of migratingFolios(store, waiting).entries()) {
    const { count: granted, temporary } = found[i] as TargetsFound;
    const size = 2 ** order;
    for (let page = 0; page < count;) {
      const rest = (waiting[run + 1] as number) - used;
      // The first targets are pages of pools or lists, then come temporary ones, and the last pages have none.
      const until = page < granted - temporary ? granted - temporary : page < granted ? granted : count;
      const part = Math.min(rest, until - page);
      const at = (waiting[run] as number) + used * size;
      if (page >= granted) left.push(at, part);
      else {
        migration.migratedPages += part * size;
        releaseSources(store, at, part, page >= granted - temporary);
      }
      page += part;
      used += part;
      if (part === rest) {
        run += 2;
        used = 0;
      }
    }
  }
  migration.waiting = [];
  stay(store, migration, left);
}

/** All of a block's pages found targets. False where some did not: then its pages are columns from here on. */
function settleWhole(store: PageStore, migration: Migration, { count }: TargetsFound): boolean {
  const row = store.rows.find(migration.block);
  const pages = wholePages(store, row);
  migration.waitsWhole = false;
  if (count === pages && isWholeUsed(store, row)) {
    freeWhole(store, row);
    migration.migratedPages += pages;
    return true;
  }
  migration.waiting = [expandToFrames(store, row) + store.blockPages - pages, pages];
  return false;
}

/** Pages without a target: THPs are split and wait again, others stay where they are. */
function stay(store: PageStore, migration: Migration, left: PageRuns): void {
  const pages = [...eachOf(store, left)];
  const isThp = (index: number): boolean => ((store.state[index] as number) & KIND_MASK) === THP;
  if (pages.every(isThp)) {
    for (const index of pages) {
      const size = 1 << orderOfUsed(store, index);
      splitThp(store, index);
      migration.waiting.push(index, size);
    }
    return;
  }
  migration.noTarget = pages[0] as number;
  migration.failedPages += pages.reduce((sum, index) => sum + 2 ** orderOfUsed(store, index), 0);
}

/** First frames of the pages of runs. */
function* eachOf(store: PageStore, runs: PageRuns): Generator<number> {
  for (let i = 0; i < runs.length; i += 2) {
    const index = runs[i] as number;
    const size = 2 ** orderOfUsed(store, index);
    for (let page = 0; page < (runs[i + 1] as number); page++) yield index + page * size;
  }
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
  while (isWaiting(migration)) {
    const zone = migration.waitsWhole
      ? (store.rows.zone[store.rows.find(migration.block)] as number)
      : zoneOfIndex(store, migration.waiting[0] as number);
    const places = targetPlaces(store, zone, context);
    settleMigration(store, migration, allocateTargets(store, foliosWaiting(store, migration), places, context.floors));
  }
  return endMigration(store, migration);
}

/** The page at which collecting ended, and why. */
interface Stop {
  readonly index: number;
  readonly failure: MigrateFailure;
}

/** Takes pages off the LRU from `start` on: at most 256 in 4.1, the rest of the block in 6.x. */
function collect(store: PageStore, start: number, end: number, migration: Migration): Stop | undefined {
  const { state, rules } = store;
  const most = mostOfBatch(rules);
  let collected = 0;
  for (let index = start; index < end && collected < most;) {
    const code = state[index] as number;
    if (code >= FREE_HEAD) {
      index += 1 << (headOrder[code] as number);
      continue;
    }
    const kind = code & KIND_MASK;
    if (isLru[kind] === 1 && (code & (POISONED | TAIL)) === 0) {
      if (kind === THP && rules.splitThp && store.linkB[index] === 0) splitThp(store, index);
      const size = 1 << orderOfUsed(store, index);
      const limit = Math.min(end - index, Math.ceil((most - collected) / size) * size);
      const count = countAlike(store, index, index + limit);
      enlist(store, migration, index, count);
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
        enlist(store, migration, index, 1);
        collected += size;
      }
      index += isGigantic && (code & TAIL) !== 0 ? 1 : Math.min(size, end - index);
      continue;
    }
    if (hasMovableOps[kind] === 1 && rules.movableOpsMove) {
      enlist(store, migration, index, 1);
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

import type { Refusal } from "@memhp/abi";
import { NIL } from "./block-rows.ts";
import { collect, enlist, type MigrationList } from "./collect-pages.ts";
import { expandToFrames } from "./expand-to-frames.ts";
import { FreedSources } from "./freed-sources.ts";
import { HELD, NO_TARGET, NOT_MANAGED, refuseMigration } from "./migrate-failure.ts";
import {
  type TargetsFound,
  migratingFolios,
  type MigratingFolios,
  releaseSources,
  allocateTargets,
} from "./migrating-folios.ts";
import { type MigrationContext, targetPlaces } from "./migration-target.ts";
import { zoneOfIndex } from "./page-index.ts";
import { PageKind } from "./page-kind.ts";
import { mostOfBatch } from "./page-rules.ts";
import { KIND_MASK } from "./page-state.ts";
import { PageRuns } from "./page-runs.ts";
import type { PageStore } from "./page-store.ts";
import { Offenders } from "./refused-page.ts";
import { splitThp } from "./split-thp.ts";
import { orderOfUsed, ownerName } from "./used-pages.ts";
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

const { thp: THP } = PageKind;

/** A do_migrate_range between the moment in which its pages left the LRU and the one in which all have moved or failed. */
export interface Migration extends MigrationList {
  readonly block: number;
  /** All pages of the block wait, which is a row: `waiting` says nothing. */
  waitsWhole: boolean;
  migratedPages: number;
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
    waiting: new PageRuns(),
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
  const left = new PageRuns();
  const freed = new FreedSources(store);
  const { waiting } = migration;
  let run = 0;
  /** Pages of the run that earlier folios, or the earlier part of this one, have had. */
  let used = 0;
  for (const [i, { count, order }] of migratingFolios(store, waiting).entries()) {
    const { count: granted, temporary } = found[i] as TargetsFound;
    const size = 1 << order;
    for (let page = 0; page < count;) {
      const rest = waiting.count(run) - used;
      // The first targets are pages of pools or lists, then come temporary ones, and the last pages have none.
      const until = page < granted - temporary ? granted - temporary : page < granted ? granted : count;
      const part = Math.min(rest, until - page);
      const at = waiting.index(run) + used * size;
      if (page >= granted) left.push(at, part);
      else {
        migration.migratedPages += part * size;
        releaseSources(store, freed, at, part, page >= granted - temporary);
      }
      page += part;
      used += part;
      if (part === rest) {
        run++;
        used = 0;
      }
    }
  }
  freed.end();
  migration.waiting = new PageRuns();
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
  migration.waiting.push(expandToFrames(store, row) + store.blockPages - pages, pages);
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
  for (let run = 0; run < runs.length; run++) {
    const index = runs.index(run);
    const size = 2 ** orderOfUsed(store, index);
    for (let page = 0; page < runs.count(run); page++) yield index + page * size;
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
      : zoneOfIndex(store, migration.waiting.index(0));
    const places = targetPlaces(store, zone, context);
    settleMigration(store, migration, allocateTargets(store, foliosWaiting(store, migration), places, context.floors));
  }
  return endMigration(store, migration);
}

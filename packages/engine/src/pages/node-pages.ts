import type { ZoneIndex } from "@memhp/abi";
import { freeChunks } from "./buddy.ts";
import { MIGRATE_CLASSES, type MigrateClass } from "./migrate-class.ts";
import { KINDS } from "./page-kind.ts";
import { managedPages } from "./populate.ts";
import type { PageStore } from "./page-store.ts";

const ZONES: readonly ZoneIndex[] = [0, 1, 2, 3, 4];

/** Counters of one zone. All pages, but `freeChunks` and `pageblocks`. */
export interface ZonePages {
  /** NR_FREE_PAGES: isolated pages are left out (facts §4.3). */
  readonly freePages: number;
  readonly managedPages: number;
  /** Free chunks by order × `MIGRATE_CLASSES` + `MigrateClass`. */
  readonly freeChunks: readonly number[];
  /** Pageblocks by `MigrateClass`. */
  readonly pageblocks: readonly number[];
  /** Pages in use by `PageKind`. */
  readonly kinds: readonly number[];
}

/** Hugepages of one order; `target` is what the pool was last told to hold (max_huge_pages). */
interface HugepageCount {
  readonly order: number;
  readonly total: number;
  readonly free: number;
  readonly target: number;
}

/** What the files of /proc and /sys tell of the pages of a node. Plain data: it crosses between threads. */
export interface NodePages {
  readonly node: number;
  /** In zone order. */
  readonly zones: readonly ZonePages[];
  /** Pools of hugepages by order. */
  readonly hugepages: readonly HugepageCount[];
  readonly corruptedPages: number;
  /** Pages that have moved: pgmigrate_success. */
  readonly migrateSuccess: number;
  /** Pages that did not move: pgmigrate_fail. */
  readonly migrateFail: number;
  /** Base pages of each owner that holds any. */
  readonly owners: readonly (readonly [name: string, pages: number])[];
}

/** The pages of a node, with its zones' lists. Nothing is free at first. */
export function nodePages(store: PageStore, node: number): NodePages {
  return {
    node,
    zones: ZONES.map((zone) => zonePages(store, store.zoneSlot(node, zone))),
    hugepages: [...store.pools].map(([key, { total, free }]) => {
      const order = Number(key.split("/")[1]);
      return { order, total, free: free.length, target: store.targetHugepages.get(order) ?? 0 };
    }),
    corruptedPages: store.corruptedPages,
    migrateSuccess: store.migrateSuccess,
    migrateFail: store.migrateFail,
    owners: store.owners.flatMap((name, id) => {
      const pages = store.ownerPages[id] as number;
      return name === undefined || pages === 0 ? [] : [[name, pages] as const];
    }),
  };
}

function zonePages(store: PageStore, slot: number): ZonePages {
  const counts: number[] = [];
  for (let order = 0; order <= store.maxOrder; order++) {
    for (let type = 0; type < MIGRATE_CLASSES; type++)
      counts.push(freeChunks(store, slot, order, type as MigrateClass));
  }
  return {
    freePages: store.freePages[slot] as number,
    managedPages: managedPages(store, slot),
    freeChunks: counts,
    pageblocks: [...store.pageblocks.subarray(slot * MIGRATE_CLASSES, (slot + 1) * MIGRATE_CLASSES)],
    kinds: [...store.kindPages.subarray(slot * KINDS, (slot + 1) * KINDS)],
  };
}

import {
  allocateFrom,
  type Floors,
  freeUsed,
  isWaiting,
  type LoadKind,
  type MigrationContext,
  pageRuns,
  PageKind,
  type PageStore,
  zonelist,
} from "@memhp/engine";
import { putHugepage, takeHugepage } from "../../src/pages/hugepages.ts";
import { listOf, membersOf } from "../../src/pages/free-lists.ts";
import { expandToFrames } from "../../src/pages/expand-to-frames.ts";
import { beginMigration, endMigration, type MigrateOutcome } from "../../src/pages/migration.ts";
import { targetPlaces } from "../../src/pages/migration-target.ts";
import { pfnOf, zoneOfIndex } from "../../src/pages/page-index.ts";
import { gfpOfKind, isHugetlb } from "../../src/pages/page-kind.ts";
import { allocateTargets } from "../../src/pages/migrating-folios.ts";
import { PageRuns } from "../../src/pages/page-runs.ts";
import { FREE_HEAD, headOrder, KIND_MASK, OWNER_MASK, TAIL } from "../../src/pages/page-state.ts";
import { splitThp } from "../../src/pages/split-thp.ts";
import { keepUnmapped, orderOfUsed, ownerName } from "../../src/pages/used-pages.ts";

// The allocator's users as they would be written down: one page after another, whatever the store can do in bulk. No block is
// ever a row in use here.

const kinds: Partial<Record<LoadKind, keyof typeof PageKind>> = {
  anon: "anonymous",
  file: "file",
  shm: "shmem",
  mlock: "mlocked",
  thp: "thp",
  slab: "slab",
  dentry: "slab_reclaimable",
  pinned: "anonymous",
  balloon: "balloon",
  secret: "secret",
  hugetlb: "hugetlb_2m",
};

/** A load of so many base pages on nodes, best first. @returns base pages that found no room. */
export function growPageByPage(
  store: PageStore,
  kind: LoadKind,
  owner: number,
  nodes: readonly number[],
  pages: number,
  floors?: Floors,
): number {
  const page = PageKind[kinds[kind]!];
  const { mobility, highestZone } = gfpOfKind(page);
  const zones = zonelist(store, nodes, highestZone);
  const order = { thp: store.pageblockOrder, slab: 1, hugetlb: store.pageblockOrder }[kind as "thp"] ?? 0;
  let left = pages;
  while (left > 0) {
    if (kind === "hugetlb") {
      if (takeHugepage(store, nodes, order, owner) < 0) return left;
      left -= 2 ** order;
      continue;
    }
    let index = allocateFrom(store, zones, order, mobility, page, owner, floors);
    if (index >= 0) {
      store.linkB[index] = kind === "pinned" ? 1 : 0;
      left -= 2 ** order;
      continue;
    }
    if (kind !== "thp") return left;
    index = allocateFrom(store, zones, 0, mobility, PageKind.anonymous, owner, floors);
    if (index < 0) return left;
    left--;
  }
  return 0;
}

/** One page for the kernel itself. */
export function slabPage(store: PageStore, nodes: readonly number[], floors?: Floors): void {
  const { mobility, highestZone } = gfpOfKind(PageKind.slab);
  allocateFrom(store, zonelist(store, nodes, highestZone), 0, mobility, PageKind.slab, 0, floors);
}

/** Frees what an owner holds: blocks in the order in which they were touched, each upwards. */
export function releasePageByPage(store: PageStore, owner: number): void {
  for (let turn = 0; turn < store.turns; turn++) {
    const row = store.rowOfTurn(turn);
    if (row < 0) continue;
    const first = expandToFrames(store, row);
    for (let index = first; index < first + store.blockPages;) {
      const code = store.state.at(index)!;
      if (code >= FREE_HEAD) {
        index += 2 ** headOrder.at(code)!;
        continue;
      }
      if (code === 0 || (code & TAIL) !== 0 || (store.linkA.at(index)! & OWNER_MASK) !== owner) {
        index++;
        continue;
      }
      const size = 2 ** orderOfUsed(store, index);
      if (isHugetlb[code & KIND_MASK] === 1) putHugepage(store, index);
      else if (store.linkB.at(index)! > 0) keepUnmapped(store, index);
      else freeUsed(store, index);
      index += size;
    }
  }
}

/** do_migrate_range and migrate_pages, a page at a time; hugepages and what is collected are the engine's. */
export function migratePageByPage(
  store: PageStore,
  block: number,
  fromPfn: number,
  context: MigrationContext,
): MigrateOutcome {
  expandToFrames(store, store.rows.find(block));
  const migration = beginMigration(store, block, fromPfn);
  if ("result" in migration) return migration;
  while (isWaiting(migration)) {
    const { waiting } = migration;
    const heads: number[] = [];
    for (let run = 0; run < waiting.length; run++) {
      const size = 2 ** orderOfUsed(store, waiting.index(run));
      for (let page = 0; page < waiting.count(run); page++) heads.push(waiting.index(run) + page * size);
    }
    migration.waiting = new PageRuns();
    const places = targetPlaces(store, zoneOfIndex(store, heads.at(0)!), context);
    // All targets first, then all sources.
    const found = heads.map((index) => {
      const kind = store.state.at(index)! & KIND_MASK;
      const order = orderOfUsed(store, index);
      const owner = store.linkA.at(index)! & OWNER_MASK;
      if (isHugetlb[kind] === 1) {
        const folio = { kind, order, owner: ownerName(store, owner), count: 1 };
        const targets = allocateTargets(store, [folio], places, undefined).at(0)!;
        return { index, taken: targets.count === 1, temporary: targets.temporary === 1 };
      }
      const target = allocateFrom(store, places.zones, order, gfpOfKind(kind).mobility, kind, owner, context.floors);
      return { index, taken: target >= 0, temporary: false };
    });
    const left: number[] = [];
    for (const { index, taken, temporary } of found) {
      if (!taken) {
        left.push(index);
        continue;
      }
      migration.migratedPages += 2 ** orderOfUsed(store, index);
      const isHuge = isHugetlb[store.state.at(index)! & KIND_MASK] === 1;
      if (isHuge && temporary) releaseTemporary(store, index);
      else if (isHuge) putHugepage(store, index);
      else freeUsed(store, index);
    }
    if (left.every((index) => (store.state.at(index)! & KIND_MASK) === PageKind.thp)) {
      for (const index of left) {
        const size = 2 ** orderOfUsed(store, index);
        splitThp(store, index);
        migration.waiting.push(index, size);
      }
    } else {
      migration.noTarget = left.at(0)!;
      migration.failedPages += left.reduce((sum, index) => sum + 2 ** orderOfUsed(store, index), 0);
    }
  }
  return endMigration(store, migration);
}

function releaseTemporary(store: PageStore, index: number): void {
  store.pools.get(`${store.nodeOfZone(zoneOfIndex(store, index))}/${orderOfUsed(store, index)}`)!.total--;
  freeUsed(store, index);
}

/** Everything that the next allocation, or a reader of any file, could tell apart. */
export function stateOf(store: PageStore): unknown {
  const lists: number[][] = [];
  for (let zone = 0; zone < store.zoneSlots; zone++)
    for (let order = 0; order <= store.maxOrder; order++)
      for (let type = 0; type < 5; type++) lists.push(chunksOf(store, zone, order, type));
  return {
    lists,
    blocks: [...store.rows.ascending()].map((row) => {
      const block = store.rows.block.at(row)!;
      return [block, store.rows.turn[row], pageRuns(store, block * store.blockPages, store.blockPages)];
    }),
    turns: Array.from({ length: store.turns }, (_, turn) => store.rowOfTurn(turn)),
    free: [...store.freePages],
    present: [...store.presentPages],
    kinds: [...store.kindPages],
    pageblocks: [...store.pageblocks],
    owners: store.owners.map((name, id) => [name, store.ownerPages[id]]),
    pools: [...store.pools]
      .flatMap(([key, { free, total }]) =>
        total > 0 ? [[key, free.map((index) => pfnOf(store, index)), total] as const] : [],
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    migrated: [store.migrateSuccess, store.migrateFail, store.corruptedPages],
  };
}

/** First frames of a list's chunks, leader first. A block that is a row stands for its chunks. */
function chunksOf(store: PageStore, zone: number, order: number, type: number): number[] {
  const chunks: number[] = [store.lists.at(listOf(store, zone, order, type) + 2)!];
  for (const id of membersOf(store, zone, order, type)) {
    if (id >= 0) {
      chunks.push(pfnOf(store, id));
      continue;
    }
    const row = -2 - id;
    const of: number[] = [];
    for (let at = store.rows.held.at(row)!; at < store.blockPages >> store.maxOrder; at++)
      of.push(store.rows.block.at(row)! * store.blockPages + at * 2 ** store.maxOrder);
    chunks.push(...(store.rows.highFirst[row] === 1 ? of.toReversed() : of));
  }
  return chunks;
}

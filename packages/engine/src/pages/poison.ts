import { builtWithout, type Errno, type Refusal, type RefusalCode, type ZoneIndex } from "@memhp/abi";
import { freeChunkAround } from "./buddy.ts";
import { splitFreeChunk, touch } from "./split-free-chunk.ts";
import { hugepagePool, releaseHugepage } from "./hugepages.ts";
import { endMigration, isWaiting, foliosWaiting, migrationOf, settleMigration } from "./migration.ts";
import { splitThp } from "./split-thp.ts";
import { isHugetlbPage } from "./migration-target.ts";
import { MigrateClass } from "./migrate-class.ts";
import { indexOf, zoneOfIndex } from "./page-index.ts";
import { hasMovableOps, isFreeHugetlb, isLru, PageKind } from "./page-kind.ts";
import { FREE_HEAD, FREE_INSIDE, KIND_MASK, ownerWord, POISONED } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { moveFreePages, setPageblockType } from "./pageblock.ts";
import type { TargetsFound, MigratingFolios } from "./migrating-folios.ts";
import { placeOf, refusedPage } from "./refused-page.ts";
import { hasUnmovablePages } from "./unmovable.ts";
import {
  countKind,
  countOwner,
  headOfUsed,
  isPoisoned,
  markUsed,
  orderOfUsed,
  ownerOfUsed,
  poisonFrame,
} from "./used-pages.ts";

/** Refuses one frame; `index` only where the frame is online. */
function refuse(store: PageStore, errno: Errno, code: RefusalCode, rule: string, pfn: number, index = -1): Refusal {
  const isKnown = index >= 0;
  return {
    errno,
    code,
    rule,
    block: Math.floor(pfn / store.blockPages),
    ...(isKnown ? { ...placeOf(store, index), pages: [refusedPage(store, index)], total: 1 } : {}),
    retry: code === "pinned_page" || code === "no_target_memory" ? "maybe" : "no",
    remedy: remedies[code] ?? ["choose the address of a page in use by a program, or free"],
  };
}

const remedies: Partial<Record<RefusalCode, readonly string[]>> = {
  poisoned: ["the page is out of use already: nothing is left to do"],
  out_of_range: ["give the physical address of online memory (/proc/iomem shows it)"],
  pinned_page: ["wait until the page is unpinned"],
  no_target_memory: ["free memory where the page may go"],
  no_ram_resource: ["choose the address of online memory (/proc/iomem shows RAM, memoryN/state what is online)"],
};

/** True where a frame is online RAM. */
function isOnlineRam(index: number, store: PageStore): boolean {
  return index >= 0 && ((store.state[index] as number) >= FREE_HEAD || store.state[index] !== PageKind.hole);
}

/** Pages that soft_offline_page wants targets for: who has them, only the whole machine knows. */
export interface WantsTargets {
  readonly zone: ZoneIndex;
  readonly folios: readonly MigratingFolios[];
}

/**
 * soft_offline_page: moves the page's contents away and takes the frame out of use (facts §2.5; observed-4.1 §10, observed-6 §3).
 * A free poisoned frame leaves the free lists at once in both generations: 4.1 leaves it there until somebody would
 * allocate it, which no other file shows.
 * @param found the answer to the targets that an earlier call wanted, whose only effect was to split a THP.
 * @returns a refusal, the targets that it wants, or undefined where the frame is out of use.
 */
export function softOfflinePage(
  store: PageStore,
  pfn: number,
  isPresent = false,
  found?: readonly TargetsFound[],
): Refusal | WantsTargets | undefined {
  const rules = store.rules.pageOffline;
  const rule = "facts §2.5: soft_offline_page";
  const index = touch(store, pfn);
  if (!isOnlineRam(index, store)) {
    // A struct page that is not online RAM: nobody's page (4.1: page-offline; 6.x: g_hwpoison).
    return isPresent || index >= 0
      ? refuse(store, index >= 0 ? rules.softKernelPage : "EIO", "no_ram_resource", `${rule}: no page in use`, pfn)
      : refuse(store, "ENXIO", "out_of_range", `${rule}: no online page`, pfn);
  }
  if (isPoisoned(store, index)) {
    return rules.softPoisoned === "done"
      ? undefined
      : refuse(store, rules.softPoisoned, "poisoned", `${rule}: poisoned already`, pfn, index);
  }
  const answer = isFree(store, index) ? undefined : emptyFrame(store, pfn, index, found);
  if (answer !== undefined && "folios" in answer) return answer;
  if (answer === undefined) takeFreeFrame(store, pfn, 0);
  if (rules.softMakesMovable) makeMovable(store, index);
  return answer;
}

function isFree(store: PageStore, index: number): boolean {
  const code = store.state[index] as number;
  return code >= FREE_HEAD || code === FREE_INSIDE;
}

/** Moves what uses a frame elsewhere, so that the frame is free. */
function emptyFrame(
  store: PageStore,
  pfn: number,
  index: number,
  found: readonly TargetsFound[] | undefined,
): Refusal | WantsTargets | undefined {
  const rules = store.rules.pageOffline;
  const kind = (store.state[index] as number) & KIND_MASK;
  if (isFreeHugetlb[kind] === 1) {
    dissolveOne(store, headOfUsed(store, index));
    return undefined;
  }
  const canMove =
    isLru[kind] === 1 || isHugetlbPage(store, index) || (hasMovableOps[kind] === 1 && rules.softMovesMovableOps);
  if (!canMove) {
    return refuse(
      store,
      rules.softKernelPage,
      "unmovable_page",
      "facts §2.5: a kernel page cannot be soft offlined",
      pfn,
      index,
    );
  }
  if (rules.softCannotMove !== undefined) {
    const refusal = refuse(store, rules.softCannotMove, "not_built", "facts §2.5: migrate_pages()", pfn, index);
    return { ...refusal, ...builtWithout("MIGRATION") };
  }
  const head = headOfUsed(store, index);
  // split_huge_page fails on a pinned page, which then does not move either.
  const isSplit = kind === PageKind.thp && store.linkB[head] === 0;
  if (isSplit) splitThp(store, head);
  const source = isSplit ? index : head;
  const migration = migrationOf(store, Math.floor(pfn / store.blockPages), source);
  if (isWaiting(migration)) {
    const folios = foliosWaiting(store, migration);
    if (found === undefined) return { zone: store.zoneIndexOf(zoneOfIndex(store, source)), folios };
    settleMigration(store, migration, found);
  }
  const { refusal } = endMigration(store, migration);
  if (refusal !== undefined) {
    return { ...refusal, errno: refusal.errno === "ENOMEM" ? "ENOMEM" : rules.softStuck };
  }
  if (isHugetlbPage(store, indexOf(store, pfn))) dissolveOne(store, headOfUsed(store, indexOf(store, pfn)));
  return undefined;
}

function dissolveOne(store: PageStore, head: number): void {
  const pool = hugepagePool(store, store.nodeOfZone(zoneOfIndex(store, head)), orderOfUsed(store, head));
  const at = pool.free.indexOf(head);
  if (at >= 0) pool.free.splice(at, 1);
  releaseHugepage(store, head, pool);
}

/** A free frame leaves the lists as hwpoison. @param references 1 where a user still had it. */
function takeFreeFrame(store: PageStore, pfn: number, references: number): void {
  const index = indexOf(store, pfn);
  if (freeChunkAround(store, index) < 0) throw new Error("memhp bug: a frame to poison is not free");
  splitFreeChunk(store, index, 0);
  markUsed(store, index, zoneOfIndex(store, index), 0, PageKind.hwpoison, 0);
  store.linkB[index] = references;
  poisonFrame(store, index);
}

/** 4.1 isolates the pageblock meanwhile, where that is possible (facts §4.3), and leaves it MOVABLE, whatever it was. */
function makeMovable(store: PageStore, index: number): void {
  const pageblock = index >> store.pageblockOrder;
  if (store.pageblockType[pageblock] === MigrateClass.isolate) return;
  if (hasUnmovablePages(store, pageblock << store.pageblockOrder)) return;
  moveFreePages(store, pageblock, MigrateClass.movable);
  setPageblockType(store, pageblock, MigrateClass.movable);
}

/**
 * memory_failure by hard_offline_page: the frame is lost at once, with what was in it (facts §2.5). A kernel page
 * keeps its mark although the answer is EBUSY; it stays out of the lists when it is freed.
 */
export function hardOfflinePage(store: PageStore, pfn: number, isPresent = false): Refusal | undefined {
  const rules = store.rules.pageOffline;
  const rule = "facts §2.5: hard_offline_page";
  const index = touch(store, pfn);
  if (!isOnlineRam(index, store)) {
    if (index < 0 && !(isPresent && rules.hardMarksOffline))
      return refuse(store, rules.hardNoMemory, "out_of_range", `${rule}: no online page`, pfn);
    if (index < 0 && !store.poisonedPfns.has(pfn)) {
      store.poisonedPfns.add(pfn);
      store.corruptedPages++;
    }
    return refuse(store, "EBUSY", "no_ram_resource", `${rule}: a reserved page cannot be recovered`, pfn);
  }
  if (isPoisoned(store, index)) {
    return rules.hardPoisoned === "done"
      ? undefined
      : refuse(store, rules.hardPoisoned, "poisoned", `${rule}: poisoned already`, pfn, index);
  }
  if (isFree(store, index)) {
    takeFreeFrame(store, pfn, 0);
    return undefined;
  }
  const kind = (store.state[index] as number) & KIND_MASK;
  if (isFreeHugetlb[kind] === 1) {
    dissolveOne(store, headOfUsed(store, index));
    takeFreeFrame(store, pfn, 0);
    return undefined;
  }
  if (isLru[kind] === 1) {
    if (kind === PageKind.thp) splitThp(store, headOfUsed(store, index));
    loseFrame(store, index);
    return undefined;
  }
  poisonFrame(store, index);
  // A hugepage in use is lost to its user; the frame stays off the lists when the rest is dissolved.
  if (isHugetlbPage(store, index)) return undefined;
  return refuse(store, "EBUSY", "unmovable_page", `${rule}: a kernel page cannot be recovered`, pfn, index);
}

/** The page's owner loses it (SIGBUS, or a page cache page dropped); the frame keeps one reference. */
function loseFrame(store: PageStore, index: number): void {
  const zone = zoneOfIndex(store, index);
  countKind(store, zone, (store.state[index] as number) & KIND_MASK, -1);
  countKind(store, zone, PageKind.hwpoison, 1);
  countOwner(store, ownerOfUsed(store, index), -1);
  countOwner(store, 0, 1);
  store.state[index] = PageKind.hwpoison | POISONED;
  store.linkA[index] = ownerWord(0, 0);
  store.linkB[index] = 1;
  poisonFrame(store, index);
}

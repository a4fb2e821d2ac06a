import type { Floors } from "./allocate.ts";
import { NIL } from "./block-rows.ts";
import type { FreedSources } from "./freed-sources.ts";
import {
  freeHugepages,
  hugepagePool,
  newHugepage,
  pmdOrder,
  putHugepage,
  releaseHugepage,
  takeHugepage,
} from "./hugepages.ts";
import { zoneOfIndex } from "./page-index.ts";
import { gfpOfKind, isHugetlb } from "./page-kind.ts";
import { KIND_MASK, ORDER_SHIFT, OWNER_MASK } from "./page-state.ts";
import type { PageRuns } from "./page-runs.ts";
import type { PageStore } from "./page-store.ts";
import { takePagesAlike } from "./take-pages.ts";
import { orderOfUsed, ownerName } from "./used-pages.ts";

/**
 * Pages alike that migrate, as one store tells another of them: what they are and whose, not where they lie.
 * Plain data, so that it can cross between threads.
 */
export interface MigratingFolios {
  /** A `PageKind`. */
  readonly kind: number;
  readonly order: number;
  readonly owner: string;
  /** Pages of that order. */
  readonly count: number;
}

/** How many pages of a group found a place: the first ones. `temporary` of them are hugepages from no pool. */
export interface TargetsFound {
  readonly count: number;
  readonly temporary: number;
}

/** Where targets may lie in one store. */
export interface TargetPlaces {
  /** Zone slots, best first. */
  readonly zones: ArrayLike<number>;
  /** Nodes whose hugepage pools may give one, best first. */
  readonly hugepageNodes: readonly number[];
}

/** The pages of runs as folios, in their order. */
export function migratingFolios(store: PageStore, runs: PageRuns): MigratingFolios[] {
  const folios: MigratingFolios[] = [];
  let count = 0;
  let word = -1;
  let kind = -1;
  const close = (): void => {
    if (count > 0) folios.push({ kind, order: word >> ORDER_SHIFT, owner: ownerName(store, word & OWNER_MASK), count });
  };
  for (let run = 0; run < runs.length; run++) {
    const index = runs.index(run);
    const nextKind = (store.state[index] as number) & KIND_MASK;
    const nextWord = store.linkA[index] as number;
    if (nextWord !== word || nextKind !== kind) {
      close();
      count = 0;
      word = nextWord;
      kind = nextKind;
    }
    count += runs.count(run);
  }
  close();
  return folios;
}

/** Allocates targets for folios, each page with the kind, size and owner that it had. Answers group by group. */
export function allocateTargets(
  store: PageStore,
  folios: readonly MigratingFolios[],
  places: TargetPlaces,
  floors: Floors | undefined,
): TargetsFound[] {
  return folios.map((folio) =>
    isHugetlb[folio.kind] === 1
      ? takeHugepages(store, folio, places)
      : { count: takeBase(store, folio, places, floors), temporary: 0 },
  );
}

function takeBase(
  store: PageStore,
  { kind, order, owner, count }: MigratingFolios,
  places: TargetPlaces,
  floors?: Floors,
): number {
  const wanted = { order, mobility: gfpOfKind(kind).mobility, kind, owner: store.ownerOf(owner), pins: 0 };
  return takePagesAlike(store, places.zones, wanted, count, floors);
}

/**
 * 4.1: only free hugepages of a pool. 6.x: unreserved free ones, then, unless gigantic, new ones that live until
 * they are freed (facts §4.4).
 */
function takeHugepages(
  store: PageStore,
  { order, owner, count }: MigratingFolios,
  { hugepageNodes }: TargetPlaces,
): TargetsFound {
  const is41 = store.rules.target === "local-kernel-zones";
  const id = store.ownerOf(owner);
  let pooled = 0;
  const mayTake = (): boolean => is41 || freeHugepages(store, order) > (store.reservedHugepages.get(order) ?? 0);
  while (pooled < count && mayTake() && takeHugepage(store, hugepageNodes, order, id) !== NIL) pooled++;
  if (is41 || order !== pmdOrder(store)) return { count: pooled, temporary: 0 };
  let temporary = 0;
  for (; pooled + temporary < count; temporary++) {
    const fresh = newHugepage(store, hugepageNodes, order, id, false);
    if (fresh === NIL) break;
    hugepagePool(store, store.nodeOfZone(zoneOfIndex(store, fresh)), order).total++;
  }
  return { count: pooled + temporary, temporary };
}

/** The sources of pages that have moved are free again; a hugepage goes back to its pool, unless its target replaced it there. */
export function releaseSources(
  store: PageStore,
  freed: FreedSources,
  index: number,
  count: number,
  targetsAreTemporary: boolean,
): void {
  if (isHugetlb[(store.state[index] as number) & KIND_MASK] !== 1) return freed.add(index, count);
  freed.end();
  const size = 2 ** orderOfUsed(store, index);
  for (let i = 0; i < count; i++) {
    const head = index + i * size;
    if (!targetsAreTemporary) putHugepage(store, head);
    else {
      const pool = hugepagePool(store, store.nodeOfZone(zoneOfIndex(store, head)), orderOfUsed(store, head));
      releaseHugepage(store, head, pool);
    }
  }
}

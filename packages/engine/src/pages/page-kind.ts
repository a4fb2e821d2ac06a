import { type PageKindName, pageKinds, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import { MigrateClass } from "./migrate-class.ts";

export { type PageKindName, pageKinds };

/** Kind numbers as the state column holds them. */
export const PageKind: Readonly<Record<PageKindName, number>> = Object.fromEntries(
  pageKinds.map((name, index) => [name, index]),
) as Record<PageKindName, number>;

export const KINDS = 32;

export function kindName(kind: number): PageKindName {
  const name = pageKinds[kind];
  if (name === undefined) throw new Error(`memhp bug: no page kind ${kind}`);
  return name;
}

function tableOf(names: readonly PageKindName[]): Uint8Array {
  const table = new Uint8Array(KINDS);
  for (const name of names) table[PageKind[name]] = 1;
  return table;
}

/** On an LRU list, so isolate_lru_page takes it. Secret pages are on the unevictable list. */
export const isLru: Uint8Array = tableOf(["anonymous", "file", "shmem", "mlocked", "thp", "secret"]);
/** Not on an LRU list, but with movable_ops (6.x; 4.1 offline only knows the LRU: facts §4.4). */
export const hasMovableOps: Uint8Array = tableOf(["balloon"]);
export const isHugetlb: Uint8Array = tableOf(["hugetlb_2m", "hugetlb_2m_free", "hugetlb_1g", "hugetlb_1g_free"]);
/** A page of the hugepage pool that nobody uses: its reference count is 0. */
export const isFreeHugetlb: Uint8Array = tableOf(["hugetlb_2m_free", "hugetlb_1g_free"]);
/** PageReserved. */
export const isReserved: Uint8Array = tableOf(["reserved", "boot_allocation", "hole"]);
/** What GFP flags an allocation of a kind carries: its mobility, and the highest zone it may come from. */
export interface KindGfp {
  readonly mobility: MigrateClass;
  readonly highestZone: ZoneIndex;
}

const movable: KindGfp = { mobility: MigrateClass.movable, highestZone: ZONE_MOVABLE };
const unmovable: KindGfp = { mobility: MigrateClass.unmovable, highestZone: ZONE_NORMAL };
const gfp: Partial<Record<PageKindName, KindGfp>> = {
  anonymous: movable,
  file: movable,
  shmem: movable,
  mlocked: movable,
  thp: movable,
  balloon: movable,
  // htlb_alloc_mask: only sizes that can move may come from Movable; gigantic ones never are there (facts §4.5).
  hugetlb_2m: movable,
  hugetlb_2m_free: movable,
  slab_reclaimable: { mobility: MigrateClass.reclaimable, highestZone: ZONE_NORMAL },
};

const gfpByKind: readonly KindGfp[] = pageKinds.map((name) => gfp[name] ?? unmovable);

/** The kernel's own pages are unmovable and stay below ZONE_MOVABLE. */
export function gfpOfKind(kind: number): KindGfp {
  return gfpByKind[kind] as KindGfp;
}

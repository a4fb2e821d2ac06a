import type { ZoneIndex } from "@memhp/abi";
import { PageKind, type PageKindName, gfpOfKind } from "../page-kind.ts";

/** What a load's pages may be; the name decides whether they move. */
export const loadKinds = [
  "anon",
  "file",
  "shm",
  "mlock",
  "thp",
  "hugetlb",
  "hugetlb_1g",
  "slab",
  "dentry",
  "pagetable",
  "pipe",
  "pinned",
  "balloon",
  "secret",
  "kernel",
] as const;
/** A name of `loadKinds`. */
export type LoadKind = (typeof loadKinds)[number];

export const SLAB_ORDER = 1;
export const pageKindOf: Readonly<Record<LoadKind, PageKindName>> = {
  anon: "anonymous",
  file: "file",
  shm: "shmem",
  mlock: "mlocked",
  thp: "thp",
  hugetlb: "hugetlb_2m",
  hugetlb_1g: "hugetlb_1g",
  slab: "slab",
  dentry: "slab_reclaimable",
  pagetable: "page_table",
  pipe: "pipe_buffer",
  pinned: "anonymous",
  balloon: "balloon",
  secret: "secret",
  kernel: "kernel",
};

/** Highest zone that pages of a load may come from. */
export function highestZoneOfLoad(kind: LoadKind): ZoneIndex {
  return gfpOfKind(PageKind[pageKindOf[kind]]).highestZone;
}

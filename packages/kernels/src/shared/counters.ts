import type { PageKindName } from "@memhp/engine";
import type { CounterItems } from "../counter-rules.ts";

export const anon: readonly PageKindName[] = ["anonymous", "thp"];
export const file: readonly PageKindName[] = ["file"];
export const unevictable: readonly PageKindName[] = ["mlocked", "secret"];
const cached: readonly PageKindName[] = ["file", "shmem"];

/** Items that all kernels count, by zone or by node. Shared pages are on the anonymous lists. */
export const sharedItems: CounterItems = {
  nr_inactive_anon: ["shmem"],
  nr_active_anon: anon,
  nr_active_file: file,
  nr_unevictable: unevictable,
  nr_anon_pages: [...anon, "mlocked"],
  nr_mapped: ["shmem"],
  nr_file_pages: cached,
  nr_shmem: ["shmem"],
  nr_slab_reclaimable: ["slab_reclaimable"],
  nr_slab_unreclaimable: ["slab"],
  nr_page_table_pages: ["page_table"],
  nr_kernel_stack: ["kernel_stack"],
};

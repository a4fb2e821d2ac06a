import type { PageKind } from "../pages/page-kind.ts";

/** Whose a page is, in words. */
export const kindNames: Readonly<Record<PageKind, string>> = {
  hole: "no memory",
  reserved: "reserved at boot (kernel image, memmap, firmware)",
  self_hosted: "the block's own memmap",
  free: "free",
  page_offline: "a balloon or an unplugged part",
  poisoned: "poisoned",
  slab: "a slab cache",
  page_table: "a page table",
  hugetlb: "a hugetlb page",
  compound: "a large kernel allocation (kmalloc, driver buffer)",
  lru: "a program or the page cache",
  batched: "a program or the page cache",
  mapped: "kernel memory that a program maps (driver, ring buffer)",
  marked: "the kernel, unnamed",
  unmarked: "the kernel, unmarked (kernel stack, pipe buffer, vmalloc, module, memmap)",
};

export function kindName(kind: PageKind): string {
  return kindNames[kind];
}

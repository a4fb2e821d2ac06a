/** How much memory a kernel has taken for itself once it and a small userland have booted, and from which end. */
export interface KernelMemoryRules {
  /** Pages of the image, from 16 MiB (CONFIG_PHYSICAL_START); where KASLR puts it otherwise, nothing outside tells. */
  readonly imagePages: number;
  /** Pages at the end of the first node's memory that go before its memmap: CMA and what lies above it. */
  readonly topPages?: number;
  /**
   * Bytes that memblock sets aside for the memmap of each section, where they are more than it: a PMD (mm/sparse.c section_map_size). It is filled from
   * its beginning and the rest given back, so that the memmap lies far below the node's end (6.12-ppc64el/p_boot_offline: pfn 0x6fe00 of 0x80000).
   */
  readonly sectionMapBytes?: number;
  /** What early boot keeps right below an address that it reaches no further than, on the first node. */
  readonly belowLimits?: readonly { readonly limitPfn: number; readonly pages: number }[];
  /** Pages that the slab caches, page tables and stacks of a node hold, by then. */
  readonly runtimePages: number;
  /**
   * Where the allocator's lists begin after boot: __free_pages_core puts chunks to the tail since 5.10, so the lowest is
   * taken first; before, each went to the head, and the highest is (removable of the 4.1 runs; c_all_boot_offline).
   */
  readonly listsBegin: "highest" | "lowest";
  /**
   * swiotlb takes 64 MiB below 4 GiB where RAM ends above, since 4.x already where memory could be added above
   * (max_possible_pfn).
   */
  readonly swiotlb: "ram-above-4g" | "possible-above-4g" | "none";
}

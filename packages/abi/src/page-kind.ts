/** What a page frame is used for. `free` stands at 0, so that zeroed columns are free memory. At most 32 kinds. */
export const pageKinds = [
  "free",
  /** PageReserved since boot: kernel image, initrd, firmware. */
  "reserved",
  /** PageReserved too, but not a part of what boot is counted to have reserved: where a recorded run tells of such a page. */
  "boot_allocation",
  /** struct pages of memory that was added later: the kernel's own pages, but not reserved. */
  "memmap",
  /** A struct page without RAM behind it. */
  "hole",
  /** memmap_on_memory: the block's own memmap at its start, no part of what goes offline (observed-6 §4). */
  "self_hosted",
  "anonymous",
  "file",
  "shmem",
  "mlocked",
  "thp",
  "slab",
  "slab_reclaimable",
  "page_table",
  "kernel_stack",
  "pipe_buffer",
  "kernel",
  "hugetlb_2m",
  "hugetlb_2m_free",
  "hugetlb_1g",
  "hugetlb_1g_free",
  "balloon",
  /** PageOffline: a balloon or virtio-mem gave it up. */
  "offline",
  "secret",
  "device",
  /** Taken off the lists for a hardware error; nobody uses it. */
  "hwpoison",
] as const;
/** A name of `pageKinds`: what a page is used for. */
export type PageKindName = (typeof pageKinds)[number];

import type { FlagsByKind, KpfName } from "@memhp/sysfs";

const anonymous = ["UPTODATE", "LRU", "MMAP", "ANON", "SWAPBACKED"] as const;
const hugetlb = ["UPTODATE", "MMAP", "ANON", "HUGE"] as const;

/** What the kernels agree in. Pages that the kernel allocates for itself carry no flag. */
export const sharedFlags: FlagsByKind = {
  free: [],
  reserved: ["RESERVED"],
  boot_allocation: ["RESERVED"],
  memmap: [],
  hole: ["RESERVED"],
  self_hosted: ["RESERVED"],
  anonymous,
  file: ["REFERENCED", "UPTODATE", "LRU"],
  shmem: ["UPTODATE", "DIRTY", "LRU", "MMAP", "SWAPBACKED"],
  mlocked: [...anonymous, "UNEVICTABLE", "MLOCKED"],
  thp: [...anonymous, "THP"],
  slab: ["SLAB"],
  slab_reclaimable: ["SLAB"],
  page_table: [],
  kernel_stack: [],
  pipe_buffer: [],
  kernel: [],
  hugetlb_2m: hugetlb,
  hugetlb_2m_free: ["HUGE"],
  hugetlb_1g: hugetlb,
  hugetlb_1g_free: ["HUGE"],
  balloon: [],
  offline: [],
  secret: ["UPTODATE", "LRU", "MMAP", "UNEVICTABLE", "MLOCKED"],
  // ZONE_DEVICE is never online: pfn_to_online_page.
  device: ["NOPAGE"],
  hwpoison: ["HWPOISON"],
};

/** Each flag list of anonymous memory with one more. */
export function anonymousAnd(flag: KpfName, flags: FlagsByKind): FlagsByKind {
  const rows = Object.entries(flags).map(([kind, row]) => [kind, row.includes("ANON") ? [...row, flag] : row]);
  return Object.fromEntries(rows) as FlagsByKind;
}

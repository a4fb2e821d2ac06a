import type { KernelId } from "@memhp/abi";

/**
 * Bits of /proc/kpageflags (include/uapi/linux/kernel-page-flags.h; from 32 on include/linux/kernel-page-flags.h). 23 was
 * BALLOON before it was OFFLINE; 34 is OWNER_2 in 6.12.
 */
export const KPF = {
  LOCKED: 0,
  ERROR: 1,
  REFERENCED: 2,
  UPTODATE: 3,
  DIRTY: 4,
  LRU: 5,
  ACTIVE: 6,
  SLAB: 7,
  WRITEBACK: 8,
  RECLAIM: 9,
  BUDDY: 10,
  MMAP: 11,
  ANON: 12,
  SWAPCACHE: 13,
  SWAPBACKED: 14,
  COMPOUND_HEAD: 15,
  COMPOUND_TAIL: 16,
  HUGE: 17,
  UNEVICTABLE: 18,
  HWPOISON: 19,
  NOPAGE: 20,
  KSM: 21,
  THP: 22,
  BALLOON: 23,
  OFFLINE: 23,
  ZERO_PAGE: 24,
  IDLE: 25,
  PGTABLE: 26,
  RESERVED: 32,
  MLOCKED: 33,
  MAPPEDTODISK: 34,
  PRIVATE: 35,
  OWNER_PRIVATE: 37,
} as const;
export type KpfName = keyof typeof KPF;

type Flags = readonly KpfName[];

const anonymous: Flags = ["UPTODATE", "LRU", "MMAP", "ANON", "SWAPBACKED"];
const hugetlb: Flags = ["UPTODATE", "MMAP", "ANON", "HUGE"];

/** What a frame is used for, in memhp's words. */
type Kind =
  | "free"
  | "reserved"
  | "boot_allocation"
  | "memmap"
  | "hole"
  | "self_hosted"
  | "anonymous"
  | "file"
  | "shmem"
  | "mlocked"
  | "thp"
  | "slab"
  | "slab_reclaimable"
  | "page_table"
  | "kernel_stack"
  | "pipe_buffer"
  | "kernel"
  | "hugetlb_2m"
  | "hugetlb_2m_free"
  | "hugetlb_1g"
  | "hugetlb_1g_free"
  | "balloon"
  | "offline"
  | "secret"
  | "device"
  | "hwpoison";
type FlagsByKind = Readonly<Record<Kind, Flags>>;

/** What the kernels agree in. Pages that the kernel allocates for itself carry no flag. */
const shared: FlagsByKind = {
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
function anonymousAnd(flag: KpfName, flags: FlagsByKind): FlagsByKind {
  const rows = Object.entries(flags).map(([kind, row]) => [kind, row.includes("ANON") ? [...row, flag] : row]);
  return Object.fromEntries(rows) as FlagsByKind;
}

/** 4.1: new anonymous pages start on the active list. */
const flags41: FlagsByKind = {
  ...shared,
  anonymous: [...shared.anonymous, "ACTIVE"],
  thp: [...shared.thp, "ACTIVE"],
  balloon: ["BALLOON", "PRIVATE"],
};

/** 6.1: g_hwpoison, c_pinned_page: a page of one process alone has PG_anon_exclusive, which is PG_mappedtodisk. */
const flags61: FlagsByKind = {
  ...anonymousAnd("MAPPEDTODISK", shared),
  page_table: ["PGTABLE"],
  balloon: ["OFFLINE"],
  offline: ["OFFLINE"],
  // PageVmemmapSelfHosted is PG_owner_priv_1.
  self_hosted: ["RESERVED", "OWNER_PRIVATE"],
};

/** 6.12: g_hwpoison, c_pinned_page: stable_page_flags takes every anonymous page for one of KSM. */
const flags612 = anonymousAnd("KSM", flags61);

/** How one kernel fills in the flags (fs/proc/page.c stable_page_flags). */
interface Reading {
  readonly flags: FlagsByKind;
  /** Whether BUDDY is on each page of a free chunk, or on its first alone. */
  readonly buddy: "first" | "each";
  /** What a tail shows of its head's flags. */
  readonly tail: Flags | "all";
}

const reading41: Reading = { flags: flags41, buddy: "first", tail: ["HUGE", "THP"] };
const readings: Readonly<Record<KernelId, Reading>> = {
  "4.1": reading41,
  "4.1-nomn": reading41,
  "6.1": { flags: flags61, buddy: "each", tail: ["HUGE", "THP", "MMAP", "ANON", "SLAB"] },
  "6.12": { flags: flags612, buddy: "each", tail: "all" },
};

/** Kinds whose chunks are compound pages; a kernel stack of several pages is none. */
const compound: ReadonlySet<Kind> = new Set<Kind>([
  "thp",
  "slab",
  "slab_reclaimable",
  "hugetlb_2m",
  "hugetlb_2m_free",
  "hugetlb_1g",
  "hugetlb_1g_free",
]);

/** The flags of one kind: of a page alone, and of the first and the other pages of a chunk. */
interface Shown {
  readonly alone: number;
  readonly head: number;
  readonly tail: number;
}

function shown(kind: Kind, { flags, buddy, tail }: Reading): Shown {
  const own = flags[kind];
  if (kind === "free") {
    const free = sumOfBits(["BUDDY"]);
    return { alone: free, head: free, tail: buddy === "each" ? free : 0 };
  }
  const alone = sumOfBits(own);
  if (!compound.has(kind)) return { alone, head: alone, tail: alone };
  const ofTail = tail === "all" ? own : own.filter((name) => tail.includes(name));
  return { alone, head: sumOfBits([...own, "COMPOUND_HEAD"]), tail: sumOfBits([...ofTail, "COMPOUND_TAIL"]) };
}

type ShownByKind = Readonly<Record<Kind, Shown>>;

/** Worked out once: a read of /proc/kpageflags asks for each of many frames. */
const shownByKernel = Object.fromEntries(
  Object.entries(readings).map(([kernel, reading]) => [
    kernel,
    Object.fromEntries(Object.keys(shared).map((kind) => [kind, shown(kind as Kind, reading)])),
  ]),
) as Readonly<Record<KernelId, ShownByKind>>;

export interface FlaggedPage {
  readonly kind: Kind;
  /** Whether it is not the first page of its chunk. */
  readonly isTail: boolean;
  /** Of its chunk. */
  readonly order: number;
  readonly isPoisoned: boolean;
}

/** The flags that /proc/kpageflags shows of a page, as `PageRun.flags` has them. */
export function pageFlags({ kind, isTail, order, isPoisoned }: FlaggedPage, kernel: KernelId): number {
  const { alone, head, tail } = shownByKernel[kernel][kind];
  const flags = order === 0 ? alone : isTail ? tail : head;
  return isPoisoned && kind !== "hwpoison" ? flags + 2 ** KPF.HWPOISON : flags;
}

/** Frames without a struct page. */
export const NO_PAGE: number = sumOfBits(["NOPAGE"]);

function sumOfBits(names: Iterable<KpfName>): number {
  let sum = 0;
  for (const name of names) sum += 2 ** KPF[name];
  return sum;
}

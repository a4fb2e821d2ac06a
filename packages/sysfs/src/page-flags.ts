import type { PageKindName } from "@memhp/abi";

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
/** A name of `KPF`, a bit of /proc/kpageflags. */
export type KpfName = keyof typeof KPF;

type Flags = readonly KpfName[];

/** Which flags a page of each kind has. */
export type FlagsByKind = Readonly<Record<PageKindName, Flags>>;

/** How one kernel fills in the flags (fs/proc/page.c stable_page_flags). */
export interface FlagReading {
  readonly flags: FlagsByKind;
  /** Whether BUDDY is on each page of a free chunk, or on its first alone. */
  readonly buddy: "first" | "each";
  /** What a tail shows of its head's flags. */
  readonly tail: Flags | "all";
}

/** Kinds whose chunks are compound pages; a kernel stack of several pages is none. */
const compound: ReadonlySet<PageKindName> = new Set<PageKindName>([
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

function shown(kind: PageKindName, { flags, buddy, tail }: FlagReading): Shown {
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

type ShownByKind = Readonly<Record<PageKindName, Shown>>;

/** Worked out once: a read of /proc/kpageflags asks for each of many frames. */
const shownByReading = new WeakMap<FlagReading, ShownByKind>();

function shownOf(reading: FlagReading): ShownByKind {
  let found = shownByReading.get(reading);
  if (found === undefined) {
    const kinds = Object.keys(reading.flags) as PageKindName[];
    found = Object.fromEntries(kinds.map((kind) => [kind, shown(kind, reading)])) as ShownByKind;
    shownByReading.set(reading, found);
  }
  return found;
}

/** What decides the flags of a page. */
export interface FlaggedPage {
  readonly kind: PageKindName;
  /** Whether it is not the first page of its chunk. */
  readonly isTail: boolean;
  /** Of its chunk. */
  readonly order: number;
  readonly isPoisoned: boolean;
}

/** The flags that /proc/kpageflags shows of a page, as `PageRun.flags` has them. */
export function pageFlags({ kind, isTail, order, isPoisoned }: FlaggedPage, reading: FlagReading): number {
  const { alone, head, tail } = shownOf(reading)[kind];
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

import { KPF, type KpfName } from "@memhp/sysfs";
import type { PageValue } from "./page-runs.ts";

/**
 * What a page is, as far as its flags tell. `unmarked` has no flag at all: a free page on a processor's list, or one that the
 * kernel took for itself without a mark (pipe buffers, stacks, modules, memmap).
 */
const pageKinds = [
  "hole",
  "reserved",
  "self_hosted",
  "free",
  "page_offline",
  "poisoned",
  "slab",
  "page_table",
  "hugetlb",
  "compound",
  "lru",
  "batched",
  "mapped",
  "marked",
  "unmarked",
] as const;
export type PageKind = (typeof pageKinds)[number];

/** A value with what it says. */
export interface KnownPage {
  readonly kind: PageKind;
  readonly isHead: boolean;
  readonly isTail: boolean;
  readonly isLru: boolean;
  readonly isAnonymous: boolean;
  readonly isMapped: boolean;
  readonly isSwapBacked: boolean;
  readonly isUnevictable: boolean;
  /**
   * A buffer of a block device that is used again and again and never read as a whole: so look the descriptors that a mounted
   * file system holds all the time (recorded hosts, 2). Most are merely in use.
   */
  readonly isHeldBuffer: boolean;
}

function has({ low, high }: PageValue, name: KpfName): boolean {
  const bit = KPF[name];
  return ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1;
}

/** Reads one value of /proc/kpageflags. */
export function readPage(value: PageValue): KnownPage {
  return {
    kind: kindOf(value),
    isHead: has(value, "COMPOUND_HEAD"),
    isTail: has(value, "COMPOUND_TAIL"),
    isLru: has(value, "LRU"),
    isAnonymous: has(value, "ANON"),
    isMapped: has(value, "MMAP"),
    isSwapBacked: has(value, "SWAPBACKED"),
    isUnevictable: has(value, "UNEVICTABLE"),
    isHeldBuffer:
      has(value, "REFERENCED") &&
      has(value, "ACTIVE") &&
      has(value, "PRIVATE") &&
      !has(value, "UPTODATE") &&
      !has(value, "MMAP") &&
      !has(value, "ANON"),
  };
}

/**
 * The order matters: 6.12 shows ANON and KSM on slab pages too, and a poisoned page keeps stale flags (recorded hosts, 9, 11).
 */
function kindOf(value: PageValue): PageKind {
  if (has(value, "NOPAGE")) return "hole";
  if (has(value, "RESERVED")) return "reserved";
  if (value.low === 0 && value.high === 2 ** (KPF.OWNER_PRIVATE - 32)) return "self_hosted";
  if (has(value, "BUDDY")) return "free";
  if (has(value, "HWPOISON")) return "poisoned";
  if (has(value, "OFFLINE")) return "page_offline";
  if (has(value, "SLAB")) return "slab";
  if (has(value, "PGTABLE")) return "page_table";
  if (has(value, "HUGE")) return "hugetlb";
  if (has(value, "COMPOUND_HEAD") || has(value, "COMPOUND_TAIL")) return "compound";
  if (has(value, "LRU")) return "lru";
  // On a processor's way to the LRU lists, which an offline empties first (lru_cache_disable).
  if (has(value, "SWAPBACKED") || has(value, "ANON")) return "batched";
  if (has(value, "MMAP")) return "mapped";
  return value.low === 0 && value.high === 0 ? "unmarked" : "marked";
}

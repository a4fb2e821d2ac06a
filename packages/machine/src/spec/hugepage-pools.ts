import { type Architecture, hugepageOrders } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import type { BootOptions, PoolWish } from "./boot-options.ts";
import type { MachineSpec } from "./spec.ts";

/** The sizes that hugepages have on a machine, in kB. */
export interface HugepageSizes {
  /** Those with a pool, ascending. */
  readonly poolsKb: readonly number[];
  /** That of nr_hugepages and of /proc/meminfo. */
  readonly defaultKb: number;
}

/** What `hugepages=` asks of one pool. */
export type BootPool = PoolWish & { readonly sizeKb: number };

/** Sizes that an architecture can have pools of, ascending; kB. */
export function hugepageSizesKb(arch: Architecture): number[] {
  return hugepageOrders(arch).map((order) => 2 ** (order + arch.pageShift - 10));
}

/**
 * Pools that there are after boot: that of the second level always, that of the third where the processor has such pages (later
 * kernels: arch/x86/mm/hugetlbpage.c gigantic_pages_init), or where the command line names it; where an architecture lists its sizes, all of them.
 */
export function hugepageSizes(
  { machine }: Pick<Kernel, "machine">,
  arch: Architecture,
  { gigapages }: Pick<MachineSpec, "gigapages">,
  { hugepages, defaultHugepageKb }: BootOptions,
): HugepageSizes {
  const all = hugepageSizesKb(arch);
  const usual = 2 ** (arch.pageblockOrder + arch.pageShift - 10);
  const defaultKb = all.find((kb) => kb === defaultHugepageKb) ?? usual;
  const isNamed = (kb: number): boolean => defaultKb === kb || hugepages.some(({ sizeKb }) => sizeKb === kb);
  const isThere = (kb: number): boolean =>
    arch.hugepageOrders !== undefined ||
    kb === usual ||
    isNamed(kb) ||
    (gigapages === true && machine.gigapages !== "named-only");
  return { poolsKb: all.filter(isThere), defaultKb };
}

/** What the command line asks of the pools of a machine: a count of a size that there is not has no effect (mm/hugetlb.c hugepages_setup). */
export function bootPools(
  { machine }: Pick<Kernel, "machine">,
  { poolsKb, defaultKb }: HugepageSizes,
  { hugepages }: BootOptions,
): BootPool[] {
  return hugepages
    .filter(({ ofNodes }) => ofNodes === undefined || machine.poolCounts !== "of-all-nodes")
    .map((wish): BootPool => ({ ...wish, sizeKb: wish.sizeKb ?? defaultKb }))
    .filter(({ sizeKb }) => poolsKb.includes(sizeKb));
}

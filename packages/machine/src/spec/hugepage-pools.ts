import type { Architecture } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import type { BootOptions } from "./boot-options.ts";
import type { MachineSpec } from "./spec.ts";

/** The sizes that hugepages have on a machine: of the second and the third level of page tables. kB. */
export interface HugepageSizes {
  /** Those with a pool, ascending. */
  readonly poolsKb: readonly number[];
  /** That of nr_hugepages and of /proc/meminfo. */
  readonly defaultKb: number;
}

/**
 * Pools that there are after boot: that of the second level always, that of the third where the processor has such pages (later
 * kernels: arch/x86/mm/hugetlbpage.c gigantic_pages_init), or where the command line names it.
 */
export function hugepageSizes(
  { machine }: Pick<Kernel, "machine">,
  { pageShift, pageblockOrder }: Architecture,
  { gigapages }: Pick<MachineSpec, "gigapages">,
  { hugepages, defaultHugepageKb }: BootOptions,
): HugepageSizes {
  const [second, third] = [pageblockOrder, 2 * pageblockOrder].map((order) => 2 ** (order + pageShift - 10)) as [
    number,
    number,
  ];
  const named = hugepages.some(({ sizeKb }) => sizeKb === third) || defaultHugepageKb === third;
  const hasThird = named || (gigapages === true && machine.gigapages !== "named-only");
  const defaultKb = hasThird && defaultHugepageKb === third ? third : second;
  return { poolsKb: hasThird ? [second, third] : [second], defaultKb };
}

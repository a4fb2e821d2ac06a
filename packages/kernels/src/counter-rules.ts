import type { PageKindName } from "@memhp/engine";

/** Pages of some kinds under one name of the kernel, as /proc/vmstat has it. */
export type CounterItems = Readonly<Record<string, readonly PageKindName[]>>;

/** Which pages one kernel counts where: 4.1 counts everything by zone; 6.x has moved most to the node (facts §9.1). */
export interface CounterRules {
  readonly ofZone: CounterItems;
  readonly ofNode: CounterItems;
  /** _mapcount + 1 that /proc/kpagecount shows of the first page of a free chunk. */
  readonly buddyMapCount: number;
  /** What /proc/kpageflags shows of the frames of an offline block: 4.1 has struct pages, all reserved, for them. */
  readonly offlineFrames: "reserved" | "no-page";
}

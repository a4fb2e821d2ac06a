/** What one kernel's add_memory and remove_memory do, as data. */
export interface AddRules {
  /** Alignment that add_memory asks for (facts §5.1). */
  readonly alignment: "section" | "block";
  /** add_memory takes its resource at top level (4.1: any overlap refuses) or also inside one that is not busy (facts §5.1). */
  readonly resource: "top-level" | "inside-idle";
  /** Order of add_memory's checks: alignment first (4.1), or range and resource first (observed-6 §10: l_add_memory_errnos). */
  readonly checks: "alignment-first" | "resource-first";
  /** `mem=` limits what is added too, as long as the kernel boots (mm/memory_hotplug.c register_memory_resource; facts §8). */
  readonly memLimit?: "while-booting";
  /** memmap_on_memory: absent, for DIMMs of one block, or for each block; and whether `force` exists (observed-6 §4, §13). */
  readonly memmapOnMemory: "absent" | "one-block-dimm" | "per-block";
  /** Blocks belong to the memory group of their device, which the online policies ask (facts §3.4). */
  readonly groups: boolean;
  /** remove_memory of memory that is online: the kernel dies of it, or refuses (facts §5.2, §10). */
  readonly removeOnline: "bug" | "EBUSY";
}

/** How runs of one kernel were recorded, and the habits of the guest that recorded them (kernel-traces/README.md). */
export interface RecorderRules {
  /** What a write to a block wrote down: all files of the block and then the compact state, or `state` and `valid_zones`. */
  readonly blockStep: "files-and-state" | "state-and-zones";
  /** The compact state has `removable` of each block, and of each zone what /proc/zoneinfo hides, read out of guest memory. */
  readonly readsGuestMemory: boolean;
  /** A module recorded what the notifier chain was told. */
  readonly notifications: boolean;
  /**
   * When the kernel takes pages from the block that brings a kernel zone its first memory: while fresh slab is needed for the
   * files of all blocks (del-first-dimm against del-middle-dimm), or as soon as anything runs (x_firmware_memmap, m_fuzz_42), or when the files
   * of all blocks are read for the first time since, or a program runs (7.3: x_default_kernel against f_memmap_on_memory, whose files had been read);
   * of a node that has no other memory for its processors as soon as anything runs (7.3: j_memless_cpu_node).
   */
  readonly firstBlockTaken: "with-fresh-slab" | "with-next-step" | "with-first-reading";
  /** Files of `load dentry` at most, and how many a page of slab holds (4.1: del-busy); a thousand a MiB where it is not said. */
  readonly dentries: { readonly most: number; readonly perPage: number } | undefined;
  /** memhp_default_state that old traces were recorded with, without saying so (observed-6 §13). */
  readonly unwrittenDefaultState: "offline" | undefined;
  /**
   * The first slab of a block goes when another block goes offline, unless programs of the guest ran since: what a driver then takes back is
   * free (7.3-vmem: v_offline_threshold, v_user_offline).
   */
  readonly slabLeavesWithOthers?: true;
}

/** What one kernel does with the machine that it finds, as data. */
export interface MachineRules {
  /** A node with processors but no memory is offline at boot (4.1: its processors go to the nearest online node) or online (observed-6 §5). */
  readonly memorylessNode: "offline" | "online";
  /** memory-notifier-error-inject: 4.1 was recorded with it built in; later kernels load it (observed-4.1 §11, observed-6 §7). */
  readonly errorInjection: "built-in" | "module";
  /**
   * Whether the kernel takes pages of a zone that hotplug brought to life while it runs, at the head of the zone's lists (6.x: observed-6 §13); or only
   * where the node has no other memory, or a program uses it (7.3: j_memless_cpu_node; the first blocks of other nodes mostly went,
   * b_zone_rules_1, e_del_offline_first, f_auto_online, f_memmap_on_memory, but not x_default_kernel); or nothing regular is known of it (4.1: which blocks were busy differs from run to run).
   */
  readonly freshZone: "kernel-takes-first" | "kernel-takes-only-memory" | "by-chance";
  /** `numa=fake=` takes N or SIZE; otherwise also NU, N of each of firmware's nodes (mm/numa_emulation.c). */
  readonly fakeNodes?: "by-number-or-size";
  /** Where `crashkernel=SIZE` lies: below 896 MiB or nowhere; otherwise below 4 GiB, or above (arch/x86/kernel/setup.c; since 5.2). */
  readonly crashKernel?: "below-896M";
  /** The pool of hugepages of 1 GiB is there only where the command line names it; otherwise with the processor (mm/hugetlb.c; CONFIG_CMA of 4.1). */
  readonly gigapages?: "named-only";
  /** `hugepages=` takes a number alone; otherwise also one of each node: `0:10,1:20` (mm/hugetlb.c hugepages_setup; since 5.16). */
  readonly poolCounts?: "of-all-nodes";
  /** /sys/devices/virtual/memory_tiering is not there (mm/memory-tiers.c is of 6.1). */
  readonly memoryTiers?: "none";
  /** The kernel's word for what firmware keeps, in /proc/iomem and /sys/firmware/memmap. */
  readonly reservedName: "reserved" | "Reserved";
}

/** What one kernel does with the machine that it finds, as data. */
export interface MachineRules {
  /** A node with processors but no memory is offline at boot (4.1: its processors go to the nearest online node) or online (observed-6 §5). */
  readonly memorylessNode: "offline" | "online";
  /** memory-notifier-error-inject: 4.1 was recorded with it built in; later kernels load it (observed-4.1 §11, observed-6 §7). */
  readonly errorInjection: "built-in" | "module";
  /** The kernel's word for what firmware keeps, in /proc/iomem and /sys/firmware/memmap. */
  readonly reservedName: "reserved" | "Reserved";
}

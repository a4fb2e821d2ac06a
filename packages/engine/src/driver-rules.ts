/** What one kernel's virtio_mem driver does, as data (drivers/virtio/virtio_mem.c). */
export interface VirtioMemRules {
  /** A block of which everything is unplugged and that could not be removed is tried again, before anything else (6.6 and later; v_notifier_error). */
  readonly removesLeftovers: boolean;
}

/** Drivers of memory devices that a kernel has as modules; absent where it has none. */
export interface MemoryDriverRules {
  readonly virtioMem?: VirtioMemRules;
}

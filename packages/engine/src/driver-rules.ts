/** What one kernel's virtio_mem driver does, as data (drivers/virtio/virtio_mem.c). */
export interface VirtioMemRules {
  /** A block of which everything is unplugged and that could not be removed is tried again, before anything else (6.6 and later; v_notifier_error). */
  readonly removesLeftovers: boolean;
}

/** Where a dax device comes from: soft-reserved memory, a region of the CXL driver, a namespace of persistent memory. */
export type DaxSource = "hmem" | "cxl" | "pmem";

/** What one kernel's dax bus and its kmem driver do, as data (drivers/dax/bus.c, kmem.c, hmem/). */
export interface KmemRules {
  /** What the kernel makes dax devices of. */
  readonly sources: readonly DaxSource[];
  /** Name of the memory in /proc/iomem. */
  readonly resourceName: string;
  /** Devices that are not persistent are offered to kmem; else device_dax has every device until somebody writes `new_id`. */
  readonly takesRam: boolean;
  /** Devices lie on several ranges, and can be resized while no driver has them. */
  readonly mappings: boolean;
  /** Struct pages on the memory itself: not asked for, for CXL alone, or as the device's `memmap_on_memory` file says. */
  readonly memmapOnMemory: "never" | "cxl" | "attribute";
  /** The log says what alignment to whole blocks cost. */
  readonly tellsTruncation: boolean;
  /** A write to `bind` ends with the errno of the driver's probe; else with ENODEV. */
  readonly bindTellsErrno: boolean;
  /** The device of soft-reserved memory has a resource of its own, `hmem.N`. */
  readonly hmemResource: boolean;
}

/** Drivers of memory devices that a kernel has as modules; absent where it has none. */
export interface MemoryDriverRules {
  readonly virtioMem?: VirtioMemRules;
  readonly kmem?: KmemRules;
  /** s390's standby memory is configured by /sys/firmware/memory (drivers/s390/char/sclp_mem.c since 6.19); before, boot adds it all, offline. */
  readonly standby?: "by-files";
}

import type { MemoryDriverRules } from "@memhp/engine";

/**
 * virtio_mem: observed-newer §2 (v_notifier_error). kmem from source, not recorded: regions of CXL, and memory that is not persistent
 * offered to kmem, since 6.3; the file memmap_on_memory since 6.9 (drivers/dax/bus.c, cxl.c, kmem.c).
 */
export const drivers: MemoryDriverRules = {
  virtioMem: { removesLeftovers: true },
  kmem: {
    sources: ["hmem", "cxl", "pmem"],
    resourceName: "System RAM (kmem)",
    takesRam: true,
    mappings: true,
    memmapOnMemory: "attribute",
    tellsTruncation: false,
    bindTellsErrno: true,
    hmemResource: false,
  },
};

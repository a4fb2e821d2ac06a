import type { MemoryDriverRules } from "@memhp/engine";

/** From source, not recorded: virtio_mem since 5.8, in this form since 5.19 (drivers/virtio/virtio_mem.c); kmem (drivers/dax/kmem.c, bus.c, hmem/device.c). */
export const drivers: MemoryDriverRules = {
  virtioMem: { removesLeftovers: false },
  kmem: {
    sources: ["hmem", "pmem"],
    resourceName: "System RAM (kmem)",
    takesRam: false,
    mappings: true,
    memmapOnMemory: "never",
    tellsTruncation: false,
    bindTellsErrno: true,
    hmemResource: true,
  },
};

import type { MemoryDriverRules } from "@memhp/engine";

/** From source, not recorded: since 5.8, in this form since 5.19 (drivers/virtio/virtio_mem.c). */
export const drivers: MemoryDriverRules = { virtioMem: { removesLeftovers: false } };

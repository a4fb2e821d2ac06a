import type { MemoryDriverRules } from "@memhp/engine";

/** As 6.12 in all recorded runs (observed-newer §2). */
export const drivers: MemoryDriverRules = { virtioMem: { removesLeftovers: true } };

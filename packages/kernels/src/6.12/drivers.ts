import type { MemoryDriverRules } from "@memhp/engine";

/** observed-newer §2 (v_notifier_error). */
export const drivers: MemoryDriverRules = { virtioMem: { removesLeftovers: true } };

import type { MemoryDriverRules } from "@memhp/hotplug";

/** observed-newer §2 (v_notifier_error). */
export const drivers: MemoryDriverRules = { virtioMem: { removesLeftovers: true } };

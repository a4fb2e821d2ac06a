import type { MemoryAction, MemoryNotify } from "@memhp/abi";
import type { NotifierCallback } from "./callback.ts";
import { createNotifierChain, type NotifierChain } from "./chain.ts";
import type { NotifierKernel } from "./notifier-rules.ts";

/** The chain that memory hotplug calls with MEM_GOING_ONLINE and its fellows. */
export type MemoryNotifier = NotifierChain<MemoryAction, MemoryNotify>;

/** A callback of the memory notifier chain. */
export type MemoryNotifierCallback = NotifierCallback<MemoryAction, MemoryNotify>;

/** An empty memory chain as the kernel has it. */
export function createMemoryNotifier({ notifier }: Pick<NotifierKernel, "notifier">): MemoryNotifier {
  return createNotifierChain({ doubleRegistration: notifier.doubleRegistration });
}

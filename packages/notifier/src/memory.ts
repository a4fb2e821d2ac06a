import type { KernelProfile, MemoryAction, MemoryNotify } from "@memhp/abi";
import type { NotifierCallback } from "./callback.ts";
import { createNotifierChain, type NotifierChain } from "./chain.ts";

/** The chain that memory hotplug calls with MEM_GOING_ONLINE and its fellows. */
export type MemoryNotifier = NotifierChain<MemoryAction, MemoryNotify>;

export type MemoryNotifierCallback = NotifierCallback<MemoryAction, MemoryNotify>;

/** An empty memory chain as the kernel of `profile` has it. */
export function createMemoryNotifier(profile: KernelProfile): MemoryNotifier {
  // 4.1 does not look for the entry it is about to insert (facts/kernel.md §7).
  return createNotifierChain({ doubleRegistration: profile.generation === "4.1" ? "throws" : "EEXIST" });
}

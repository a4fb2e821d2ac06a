import type { MemoryAction } from "@memhp/abi";

/** What one kernel does while a block goes online or offline, as data: how blocks change, which `@memhp/hotplug` carries out. */
export interface HotplugRules {
  /** Order of MEM_CANCEL_OFFLINE and un-isolation after a failed offline (facts §10). */
  readonly cancelOffline: "cancel-then-unisolate" | "unisolate-then-cancel";
  /** A failed online leaves the zone move of 4.1 in place (facts §3.1 step 3). */
  readonly failedOnlineKeepsZone: boolean;
  /** The uevent of a node that appears with its first blocks (observed-6 §5; observed-newer §1 6a). */
  readonly nodeAppears: "after-blocks" | "before-blocks";
  /** Actions sent besides the six classic ones (observed-6 §13). */
  readonly extraActions: readonly MemoryAction[];
}

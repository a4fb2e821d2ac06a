import type { ErrnoName } from "@memhp/abi";

/** How a flow of the hotplug code ended: 0, or the errno that decides the final _OST. */
export type KernelReturn = 0 | ErrnoName;

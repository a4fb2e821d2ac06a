import { ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import type { NotifierKernel } from "./notifier-rules.ts";

/** The fields that decide what becomes of the masks. */
interface MaskFields {
  readonly statusChangeNidNormal: number;
  readonly statusChangeNid: number;
}

/** A node's bits in the masks N_NORMAL_MEMORY and N_MEMORY. */
export interface NodeMasks {
  readonly normalMemory: boolean;
  readonly memory: boolean;
}

/**
 * Whether N_MEMORY and N_NORMAL_MEMORY are one mask (facts/kernel.md §3.3).
 */
export function hasOneMemoryMask(kernel: NotifierKernel): boolean {
  return kernel.notifier.ownNormalMask === "with-MOVABLE_NODE" && !kernel.config.MOVABLE_NODE;
}

/** The "last normal zone" L of facts/kernel.md §3.3: up to it, memory counts for N_NORMAL_MEMORY. */
export function lastNormalZone(kernel: NotifierKernel): ZoneIndex {
  return hasOneMemoryMask(kernel) ? ZONE_MOVABLE : ZONE_NORMAL;
}

/**
 * The masks of a node that has these present pages, counted afresh.
 * @param presentPages online pages by zone index.
 */
export function countNodeMasks(kernel: NotifierKernel, presentPages: readonly number[]): NodeMasks {
  return {
    normalMemory: pagesUpTo(presentPages, lastNormalZone(kernel)) > 0,
    memory: pagesUpTo(presentPages, ZONE_MOVABLE) > 0,
  };
}

/** After an online that brought pages: N_MEMORY is set whatever the notice said (facts/kernel.md §3.3). */
export function masksAfterOnline(kernel: NotifierKernel, before: NodeMasks, change: MaskFields): NodeMasks {
  const normalMemory = hasOneMemoryMask(kernel) || before.normalMemory || change.statusChangeNidNormal >= 0;
  return { normalMemory, memory: true };
}

/** After an offline: each distinct mask loses the node if its field names it (facts/kernel.md §3.3). */
export function masksAfterOffline(kernel: NotifierKernel, before: NodeMasks, change: MaskFields): NodeMasks {
  const normalMemory = before.normalMemory && change.statusChangeNidNormal < 0;
  return {
    normalMemory,
    memory: hasOneMemoryMask(kernel) ? normalMemory : before.memory && change.statusChangeNid < 0,
  };
}

/** Pages in zones 0 to `last`, both included. */
export function pagesUpTo(presentPages: readonly number[], last: ZoneIndex): number {
  let pages = 0;
  for (let zone = 0; zone <= last; zone++) pages += presentPages[zone] ?? 0;
  return pages;
}

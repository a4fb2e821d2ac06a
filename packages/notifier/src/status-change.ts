import { type MemoryNotify, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { hasOneMemoryMask, lastNormalZone, type NodeMasks, pagesUpTo } from "./node-masks.ts";
import type { NotifierKernel } from "./notifier-rules.ts";

/** The fields of `struct memory_notify` that name the node whose mask bit will change, or hold -1. */
export interface StatusChange extends Pick<MemoryNotify, "statusChangeNidHigh"> {
  /** Node whose N_NORMAL_MEMORY bit changes, or -1. */
  readonly statusChangeNidNormal: number;
  readonly statusChangeNid: number;
}

/** What decides the status-change fields of an online. */
export interface OnlineStatusInput {
  readonly kernel: NotifierKernel;
  readonly nid: number;
  /** Zone that the range goes to. */
  readonly zone: ZoneIndex;
  /** The node's bits before the online. */
  readonly masks: NodeMasks;
}

/** The fields sent with MEM_GOING_ONLINE, and again with the MEM_ONLINE or MEM_CANCEL_ONLINE that follows (facts/kernel.md §3.3). */
export function onlineStatusChange({ kernel, nid, zone, masks }: OnlineStatusInput): StatusChange {
  const inMemory = hasOneMemoryMask(kernel) ? masks.normalMemory : masks.memory;
  const gainsNormal = zone <= lastNormalZone(kernel) && !masks.normalMemory;
  return statusChange(kernel, gainsNormal ? nid : -1, inMemory ? -1 : nid);
}

/** What decides the status-change fields of an offline. */
export interface OfflineStatusInput {
  readonly kernel: NotifierKernel;
  readonly nid: number;
  /** Zone that the range leaves. */
  readonly zone: ZoneIndex;
  readonly nrPages: number;
  /** The node's online pages by zone index, the range included. */
  readonly presentPages: readonly number[];
}

/** The fields sent with MEM_GOING_OFFLINE, and again with the MEM_OFFLINE or MEM_CANCEL_OFFLINE that follows (facts/kernel.md §3.3). */
export function offlineStatusChange({ kernel, nid, zone, nrPages, presentPages }: OfflineStatusInput): StatusChange {
  const last = lastNormalZone(kernel);
  const losesNormal = zone <= last && nrPages >= pagesUpTo(presentPages, last);
  const losesAll = nrPages >= pagesUpTo(presentPages, ZONE_MOVABLE);
  return statusChange(kernel, losesNormal ? nid : -1, losesAll ? nid : -1);
}

/** What of a change callbacks are told. */
export function toldStatus({ notifier }: NotifierKernel, status: StatusChange): Partial<StatusChange> {
  return notifier.statusChangeNids === "none" ? {} : status;
}

/** What 6.12 sends with MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE: fields that nobody has set, whatever the node (observed-6 §13). */
export const unsetStatusChange: StatusChange = { statusChangeNidNormal: 0, statusChangeNid: 0 };

function statusChange(kernel: NotifierKernel, normal: number, any: number): StatusChange {
  // Without HIGHMEM the mask N_HIGH_MEMORY is N_NORMAL_MEMORY, and the kernel copies the field.
  const high = kernel.notifier.statusChangeNids === "normal-high-any" ? { statusChangeNidHigh: normal } : {};
  return { statusChangeNidNormal: normal, ...high, statusChangeNid: any };
}

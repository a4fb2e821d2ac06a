import { type Errno, errnoFromNumber, errnoNumber } from "./errno.ts";

/** Return values of a notifier callback (facts/kernel.md §7). */
export const NOTIFY_DONE = 0x0000;
/** A callback has done its part; the walk goes on (include/linux/notifier.h). */
export const NOTIFY_OK = 0x0001;
/** The bit of an answer that ends the walk. */
export const NOTIFY_STOP_MASK = 0x8000;
/** A veto without an errno; it reads as EPERM. */
export const NOTIFY_BAD = 0x8002;
/** A clean end of the walk, no veto. */
export const NOTIFY_STOP = 0x8001;

/**
 * `notifier_from_errno`: 0 becomes NOTIFY_OK, an errno e becomes `STOP_MASK | (1 + e)`.
 * `errno` is positive here; the kernel's is negative (facts/kernel.md §7).
 * @throws RangeError for a number outside of 0 to 4095, or a name that is no errno
 */
export function notifierFromErrno(errno: Errno | 0): number {
  if (errno === 0) return NOTIFY_OK;
  const number = errnoNumber(errno);
  // A kernel's -12 handed in by mistake would decode to no error at all.
  if (!Number.isInteger(number) || number < 1 || number > 4095)
    throw new RangeError(`errno out of range: ${number} (allowed: 0 and 1..4095)`);
  return NOTIFY_STOP_MASK | (1 + number);
}

/**
 * `notifier_to_errno`: what the caller of a chain makes of its answer.
 * NOTIFY_BAD is EPERM; NOTIFY_STOP and NOTIFY_OK are no error.
 * @param ret the value that a walk returned
 */
export function notifierToErrno(ret: number): Errno | 0 {
  const value = ret & ~NOTIFY_STOP_MASK;
  return value > 1 ? errnoFromNumber(value - 1) : 0;
}

/** True if a callback that returned `ret` ends the walk of the chain. */
export function stopsChain(ret: number): boolean {
  return (ret & NOTIFY_STOP_MASK) === NOTIFY_STOP_MASK;
}

/** Actions of the memory notifier chain, by kernel name. */
export const memoryActions = [
  "MEM_GOING_ONLINE",
  "MEM_ONLINE",
  "MEM_CANCEL_ONLINE",
  "MEM_GOING_OFFLINE",
  "MEM_OFFLINE",
  "MEM_CANCEL_OFFLINE",
  "MEM_PREPARE_ONLINE",
  "MEM_FINISH_OFFLINE",
] as const;
/** A name of `memoryActions`: what the memory notifier chain is told. */
export type MemoryAction = (typeof memoryActions)[number];

/** Action numbers up to 6.12: bit flags (facts/kernel.md §3.3). */
export const memoryActionFlags: Readonly<Record<MemoryAction, number>> = {
  MEM_ONLINE: 0x01,
  MEM_GOING_OFFLINE: 0x02,
  MEM_OFFLINE: 0x04,
  MEM_GOING_ONLINE: 0x08,
  MEM_CANCEL_ONLINE: 0x10,
  MEM_CANCEL_OFFLINE: 0x20,
  MEM_PREPARE_ONLINE: 0x40,
  MEM_FINISH_OFFLINE: 0x80,
};

/**
 * `struct memory_notify`. A `statusChangeNid*` is the node whose mask bit will
 * change, or -1. `statusChangeNidHigh` exists in 4.1 only (facts/kernel.md §3.3), and in 7.3 none of them does (observed-newer §1).
 */
export interface MemoryNotify {
  readonly startPfn: number;
  readonly nrPages: number;
  /** Node whose N_NORMAL_MEMORY bit changes, or -1. */
  readonly statusChangeNidNormal?: number;
  readonly statusChangeNidHigh?: number;
  readonly statusChangeNid?: number;
}

/** Actions of the node notifier chain, which kernels of 7.x have (observed-newer §1). */
export const nodeActions = [
  "NODE_ADDING_FIRST_MEMORY",
  "NODE_ADDED_FIRST_MEMORY",
  "NODE_CANCEL_ADDING_FIRST_MEMORY",
  "NODE_REMOVING_LAST_MEMORY",
  "NODE_REMOVED_LAST_MEMORY",
  "NODE_CANCEL_REMOVING_LAST_MEMORY",
] as const;
/** A name of `nodeActions`: what the node notifier chain of later kernels is told. */
export type NodeAction = (typeof nodeActions)[number];

/** `struct node_notify`. */
export interface NodeNotify {
  readonly nid: number;
}

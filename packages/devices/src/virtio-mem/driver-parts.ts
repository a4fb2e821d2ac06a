import type { Refusal } from "@memhp/abi";
import type { ByteRange } from "@memhp/platforms";
import type { DriverKernel } from "../driver-kernel.ts";
import type { Units } from "./units.ts";
import type { VirtioMemErrno } from "./virtio-mem-machine.ts";

/** What the passes of a mode share; bytes. */
export interface Work {
  readonly kernel: DriverKernel;
  /** Under which name the driver keeps frames. */
  readonly owner: string;
  readonly node: number;
  readonly group: number;
  readonly units: Units;
  /** Units that are still to be plugged or unplugged. */
  left: number;
  /** Memory blocks or big blocks that were in use at any time. */
  prepared: number;
  /** An empty block could not be removed. */
  hasLeftovers: boolean;
  readonly removesLeftovers: boolean;
  /** A newer request waits, so that the hypervisor answers nothing. */
  isStale(): boolean;
  /** Room below the threshold of offline memory. */
  mayAdd(bytes: number): boolean;
  /** The monitor hears of each change, or of the last. */
  changed(): void;
  /** Memory was removed: there may be room to go on, so that the work is queued again. */
  retry(): void;
  /** What stood in the way of a shrink. */
  blocked(refusal: Refusal): void;
}

/** How a pass ended; undefined where it went through. */
export type PassEnd = VirtioMemErrno | undefined;

/** The two ways in which the driver works. */
export interface Mode {
  /** Bytes that are plugged and unplugged as one. */
  readonly unitBytes: number;
  /** The device's memory in the log: `subblock size` or `big block size`. */
  readonly logName: string;
  /** First block of the device, and how many it has. */
  readonly firstBlock: number;
  readonly blocks: number;
  /** Bytes of a block that is added and removed as one. */
  readonly addBytes: number;
  fill(work: Work, state: "kernel" | "movable" | "offline"): Promise<PassEnd>;
  /** Whether nothing is there of a block that was in use before, by its number from 0. */
  isUnused(work: Work, number: number): boolean;
  /** Plugs what is wanted of a block that is not there, and adds it. */
  add(work: Work, number: number): Promise<PassEnd>;
  /** @param isPartly only blocks that are partly plugged, or only whole ones. */
  unplug(work: Work, state: "kernel" | "movable" | "offline", isPartly: boolean): Promise<PassEnd>;
  removeLeftovers(work: Work): Promise<void>;
}

/** Calls of alloc_contig_range before virtio_mem_fake_offline gives up in ZONE_MOVABLE. */
export const MOVABLE_TRIES = 5;

/** What iomem calls it. */
const RESOURCE = "System RAM (virtio_mem)";

/** Plugs units and adds the block that they are of; where the kernel does not take it, they are unplugged again. @param withheld what of it stays away. */
export async function plugAndAdd(
  work: Work,
  range: ByteRange,
  first: number,
  count: number,
  withheld: readonly ByteRange[] = [],
): Promise<PassEnd> {
  if (work.isStale()) return "EAGAIN";
  work.units.plug(first, count);
  work.changed();
  const { node, group, owner } = work;
  const added = await work.kernel.add(range, { node, group, resourceName: RESOURCE, merges: true, owner, withheld });
  if (added.ok) {
    work.left -= count;
    return undefined;
  }
  work.units.unplug(first, count);
  work.changed();
  return added.refusal.errno === "ENOMEM" ? "ENOMEM" : "EIO";
}

/** Adds blocks that were there before, ascending. */
export async function addUnused(work: Work, mode: Mode): Promise<PassEnd> {
  for (let number = 0; number < work.prepared; number++) {
    if (!mode.isUnused(work, number)) continue;
    if (!work.mayAdd(mode.addBytes)) return "ENOSPC";
    const end = await mode.add(work, number);
    if (end !== undefined || work.left === 0) return end;
  }
  return undefined;
}

/** Adds the blocks after those. */
export async function addNew(work: Work, mode: Mode): Promise<PassEnd> {
  while (work.left > 0) {
    if (!work.mayAdd(mode.addBytes) || work.prepared >= mode.blocks) return "ENOSPC";
    const end = await mode.add(work, work.prepared++);
    if (end !== undefined) return end;
  }
  return undefined;
}

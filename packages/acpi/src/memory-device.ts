import type { Refusal } from "@memhp/abi";
import type { MemoryRange } from "./crs.ts";
import type { AcpiKernelPort } from "./kernel-port.ts";
import { NOTIFY_EJECT_REQUEST, OST_EJECT_IN_PROGRESS, OST_FAILURE, OST_SUCCESS } from "./ost.ts";

/** A memory device PNP0C80 whose _CRS is `ranges`. */
export interface MemoryDevice {
  readonly ranges: readonly MemoryRange[];
  /** Node that its _PXM maps to, or that of its address. */
  readonly node: number;
  readonly group: number;
}

/** What firmware learns of an insertion or eject. */
export interface DeviceOutcome {
  readonly ok: boolean;
  readonly status: number;
  readonly refusals: readonly Refusal[];
}

/**
 * Device check of a device that appeared: adds each range, binds its blocks. EEXIST counts as
 * success, since the memory may be there from boot or from probe (facts/kernel.md §6.1).
 */
export async function attachMemoryDevice(port: AcpiKernelPort, device: MemoryDevice): Promise<DeviceOutcome> {
  const refusals: Refusal[] = [];
  let enabled = 0;
  for (const range of device.ranges) {
    const added = await port.addMemory(range, { node: device.node, group: device.group });
    if (!added.ok) refusals.push(added.refusal);
    if (!added.ok && added.refusal.errno !== "EEXIST") continue;
    await port.bindBlocks(range);
    enabled += 1;
  }
  const ok = enabled > 0;
  return { ok, status: ok ? OST_SUCCESS : port.profile.ostInsertFailed, refusals };
}

/**
 * Eject request: tells _OST that it began, offlines every block in two passes, removes the
 * memory and evaluates _EJ0; or puts back online what it took offline (facts/kernel.md §6.3).
 * @param source notify value that asked for it, for the final _OST.
 */
export async function ejectMemoryDevice(port: AcpiKernelPort, device: MemoryDevice, source: number = NOTIFY_EJECT_REQUEST): Promise<DeviceOutcome> {
  // Source 3 even for an eject from sysfs (facts/kernel.md §6.3).
  port.ost(NOTIFY_EJECT_REQUEST, OST_EJECT_IN_PROGRESS);
  const refusals = await offlineInTwoPasses(port, device);
  if (refusals !== undefined) {
    port.ost(source, port.profile.ostEjectBusy);
    return { ok: false, status: port.profile.ostEjectBusy, refusals };
  }
  for (const range of device.ranges) if (port.blocksOf(range).length > 0) await port.removeMemory(range, device.node);
  port.ejectDevice();
  port.ost(source, OST_SUCCESS);
  return { ok: true, status: OST_SUCCESS, refusals: [] };
}

/** Pass 1 goes on after failures, pass 2 stops at the first; both skip what is offline. */
async function offlineInTwoPasses(port: AcpiKernelPort, device: MemoryDevice): Promise<Refusal[] | undefined> {
  const blocks = device.ranges.flatMap((range) => [...port.blocksOf(range)]);
  const putOnline = new Set<number>();
  const refusals: Refusal[] = [];
  for (const block of blocks) {
    const result = await port.offlineBlock(block);
    if (!result.ok) refusals.push(result.refusal);
    else if (result.value) putOnline.add(block);
  }
  if (refusals.length === 0) return undefined;
  for (const block of blocks) {
    if (putOnline.has(block)) continue;
    const result = await port.offlineBlock(block);
    if (result.ok) {
      if (result.value) putOnline.add(block);
      continue;
    }
    port.log(`memory memory${block}: Offline failed.`);
    // Roll back: only what this eject took offline (observed-4.1 §8, observed-6 §8).
    for (const other of blocks) if (putOnline.has(other)) await port.onlineBlock(other);
    return [...refusals, result.refusal];
  }
  return undefined;
}

/** Status of an insertion that no driver took (acpi_no_memhotplug, observed-4.1 §8). */
export const OST_NOT_ATTACHED: number = OST_FAILURE;

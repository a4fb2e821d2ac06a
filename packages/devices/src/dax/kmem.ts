import { alignDown, alignUp, done, type Result } from "@memhp/abi";
import type { KmemRules } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import type { DriverKernel } from "../driver-kernel.ts";
import { DAX_REFUSALS } from "./dax-refusals.ts";

/** What kmem sees of a device; bytes. */
export interface DrivenDax {
  readonly id: string;
  /** Proximity domain. */
  readonly node: number;
  readonly ranges: readonly ByteRange[];
  /** Struct pages are asked for on the memory itself. */
  readonly memmapOnMemory: boolean;
}

/** What it made of the device. */
export interface KmemMemory {
  readonly group: number;
  /** By number of the mapping. */
  readonly added: readonly (readonly [mapping: number, range: ByteRange])[];
}

export function rangeText({ start, end }: ByteRange): string {
  return `0x${start.toString(16)}-0x${(end - 1).toString(16)}`;
}

/** dax_kmem_range: whole blocks; undefined where none is left. */
function wholeBlocks({ start, end }: ByteRange, blockBytes: number): ByteRange | undefined {
  const range = { start: alignUp(start, blockBytes), end: alignDown(end, blockBytes) };
  return range.start < range.end ? range : undefined;
}

/**
 * dev_dax_kmem_probe (drivers/dax/kmem.c; from source, not recorded): each mapping is claimed under the device's name and added, all in
 * one static group. Once one is there, others that fail are passed over.
 */
export async function probeKmem(
  kernel: DriverKernel,
  rules: KmemRules,
  device: DrivenDax,
): Promise<Result<KmemMemory>> {
  const { id, ranges } = device;
  const say = (text: string): void => kernel.log(`kmem ${id}: ${text}`);
  const whole = ranges.map((range) => wholeBlocks(range, kernel.blockBytes));
  for (const [i, range] of whole.entries())
    if (range === undefined && rules.mappings)
      say(`mapping${i}: ${rangeText(ranges[i] as ByteRange)} too small after alignment`);
  const total = bytesOf(whole);
  if (total === 0) {
    say("rejecting DAX region without any memory after alignment");
    return DAX_REFUSALS.noWholeBlock(id, kernel.blockBytes);
  }
  const lost = bytesOf(ranges) - total;
  if (lost > 0 && rules.tellsTruncation) say(`DAX region truncated by ${sizeText(lost)} due to alignment`);
  const node = kernel.nodeOf(device.node);
  const group = kernel.registerStaticGroup(total);
  const added: [number, ByteRange][] = [];
  for (const [i, range] of whole.entries()) {
    if (range === undefined) continue;
    const isClaimed = kernel.claimRegion(range, id);
    const result = isClaimed
      ? await kernel.add(range, {
          node,
          group,
          resourceName: rules.resourceName,
          memmapOnMemory: device.memmapOnMemory,
        })
      : DAX_REFUSALS.reserved(id, rangeText(range));
    if (result.ok) {
      added.push([i, range]);
      continue;
    }
    if (isClaimed) kernel.releaseRegion(range, id);
    const mapping = rules.mappings ? `mapping${i}: ` : "";
    say(`${mapping}${rangeText(range)} ${isClaimed ? "memory add failed" : "could not reserve region"}`);
    if (added.length > 0) continue;
    kernel.unregisterGroup(group);
    return result;
  }
  return done({ group, added });
}

/**
 * dev_dax_kmem_remove: one try for each mapping.
 * @returns mappings that stay, because a block was not offline.
 */
export async function removeKmem(
  kernel: DriverKernel,
  rules: KmemRules,
  id: string,
  { group, added }: KmemMemory,
): Promise<readonly number[]> {
  const left: number[] = [];
  for (const [i, range] of added) {
    // A stub without CONFIG_MEMORY_HOTREMOVE.
    const removed = kernel.canRemove && (await kernel.remove(range)).ok;
    if (removed) {
      kernel.releaseRegion(range, id);
      continue;
    }
    left.push(i);
    if (kernel.canRemove)
      kernel.log(
        `kmem ${id}: ${rules.mappings ? `mapping${i}: ${rangeText(range)}` : `DAX region ${resourceText(range)}`} cannot be hotremoved until the next reboot`,
      );
  }
  if (left.length === 0) kernel.unregisterGroup(group);
  return left;
}

/** `%pR` of a memory resource of a 64-bit kernel. */
function resourceText({ start, end }: ByteRange): string {
  const wide = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
  return `[mem ${wide(start)}-${wide(end - 1)}]`;
}

function bytesOf(ranges: readonly (ByteRange | undefined)[]): number {
  return ranges.reduce((sum, range) => sum + (range === undefined ? 0 : range.end - range.start), 0);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** string_get_size in powers of two: three digits. */
function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[power]}`;
}

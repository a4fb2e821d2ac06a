/** Zone index on a 64-bit machine with ZONE_DMA and ZONE_DMA32 (facts/kernel.md §1.3). */
export const ZONE_DMA = 0;
/** Index of the zone below 4 GiB; what an architecture without it skips. */
export const ZONE_DMA32 = 1;
/** Index of the zone of memory that the kernel may use as it likes. */
export const ZONE_NORMAL = 2;
/** Index of the zone that holds pages only that can be moved. */
export const ZONE_MOVABLE = 3;
/** Index of the zone of memory that a driver manages for itself. */
export const ZONE_DEVICE = 4;
/** Index of a zone in a node, 0 to 4. */
export type ZoneIndex = 0 | 1 | 2 | 3 | 4;

/** Names as the kernel prints them. */
export const zoneNames = ["DMA", "DMA32", "Normal", "Movable", "Device"] as const;
/** Name of a zone as the files print it. */
export type ZoneName = (typeof zoneNames)[number];

/** Whether /proc/zoneinfo of an architecture lists a zone: those above its kernel zones are everywhere, ZONE_DEVICE unless it was built without. */
export function hasZone(
  { zones }: { readonly zones: readonly (readonly [ZoneIndex, number])[] },
  index: ZoneIndex,
  withDevice = true,
): boolean {
  if (index === ZONE_DEVICE) return withDevice;
  return index >= ZONE_MOVABLE || zones.some(([zone]) => zone === index);
}

/** The name of a zone by its index. @throws RangeError for an index that is none. */
export function zoneName(zone: ZoneIndex): ZoneName {
  return zoneNames[zone];
}

/** Names of migrate types; which a kernel has, and in which order, differs (facts/kernel.md §1.3). */
export type MigrateType = "Unmovable" | "Reclaimable" | "Movable" | "Reserve" | "HighAtomic" | "CMA" | "Isolate";

/**
 * How a writer asks for memory to be onlined: `online`, `online_kernel`,
 * `online_movable` (MMOP_* in the kernel; numbers differ by version, facts/kernel.md §2.8).
 */
export const onlineTypes = ["online", "kernel", "movable"] as const;
/** A name of `onlineTypes`: where an online puts a block. */
export type OnlineType = (typeof onlineTypes)[number];

/** Words that `state` accepts for each online type. */
export const onlineTypeWords: Readonly<Record<OnlineType, string>> = {
  online: "online",
  kernel: "online_kernel",
  movable: "online_movable",
};

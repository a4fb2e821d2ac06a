/** A physical range; bytes. */
export interface MemoryRange {
  /** Physical address of the first byte. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** Caching of a memory descriptor, as in ACPI's address space descriptors. */
export type Caching = "non-cacheable" | "cacheable" | "write-combining" | "prefetchable";

/** One address space descriptor of a _CRS. Sizes in bytes; `caching` and `writeProtect` matter for memory only. */
export interface ResourceDescriptor {
  readonly type: "memory" | "io" | "bus";
  /** Physical address of the first byte. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** Default `cacheable`. */
  readonly caching?: Caching;
  /** Default false. */
  readonly writeProtect?: boolean;
}

/** A memory range of a _CRS after merging. */
export interface CrsMemory extends MemoryRange {
  readonly caching: Caching;
  readonly writeProtect: boolean;
}

/**
 * The memory ranges of a _CRS, in its order. A descriptor that begins where an earlier range ends, with the same
 * caching and write protection, makes that range longer (facts/kernel.md §6.1).
 */
export function memoryOfCrs(descriptors: readonly ResourceDescriptor[]): CrsMemory[] {
  const ranges: CrsMemory[] = [];
  for (const { type, start, size, caching = "cacheable", writeProtect = false } of descriptors) {
    if (type !== "memory") continue;
    const index = ranges.findIndex(
      (range) => range.caching === caching && range.writeProtect === writeProtect && range.start + range.size === start,
    );
    const before = ranges[index];
    if (before === undefined) ranges.push({ start, size, caching, writeProtect });
    else ranges[index] = { ...before, size: before.size + size };
  }
  return ranges;
}

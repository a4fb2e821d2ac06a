import type { DaxSource, KmemRules } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import { type DaxSpec, dataOffset, GAP_BYTES } from "./dax-spec.ts";

/** A resource of /proc/iomem that a region is, outermost first. */
export interface RegionResource extends ByteRange {
  readonly name: string;
}

/** N of `daxN.0`. */
export function regionNumber(id: string): number {
  return Number(/^dax(\d+)/.exec(id)?.[1]);
}

/** The region as /proc/iomem has it before any driver has the device (drivers/dax/hmem, drivers/cxl, drivers/nvdimm; from source, not recorded). */
export function regionResources(
  { id, source }: Pick<DaxSpec, "id" | "source">,
  region: ByteRange,
  rules: KmemRules | undefined,
): RegionResource[] {
  const n = regionNumber(id);
  const named = (name: string, range = region): RegionResource => ({ ...range, name });
  const knows = rules !== undefined && rules.sources.includes(source);
  if (source === "cxl") return [named(`CXL Window ${n}`), ...(knows ? [named(`region${n}`)] : [])];
  if (source === "hmem") return [named("Soft Reserved"), ...(knows && rules.hmemResource ? [named(`hmem.${n}`)] : [])];
  const data = region.start + dataOffset(region.end - region.start);
  return [named("Persistent Memory"), named(`namespace${n}.0`, { start: region.start, end: data })];
}

/** Mappings of a new device. */
export function firstRanges(
  { source, mappings }: Pick<DaxSpec, "source" | "mappings">,
  region: ByteRange,
): ByteRange[] {
  if (source === "pmem") return [{ start: region.start + dataOffset(region.end - region.start), end: region.end }];
  let next = region.start;
  return mappings.map((bytes) => {
    const range = { start: next, end: next + bytes };
    next = range.end + GAP_BYTES;
    return range;
  });
}

/** The device that the region belongs to, below /sys (from source, not recorded). */
export function parentOf(id: string, source: DaxSource): string {
  const n = regionNumber(id);
  if (source === "hmem") return `/devices/platform/hmem.${n}`;
  if (source === "cxl") return `/devices/platform/ACPI0017:00/root0/decoder0.0/region${n}/dax_region${n}`;
  return `/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0012:00/ndbus0/region${n}/dax${n}.1`;
}

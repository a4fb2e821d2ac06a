import type { DeviceType } from "@memhp/devices";
import type { ByteRange, Platform } from "@memhp/platforms";
import { eachSpec } from "../spec/device-specs.ts";
import type { MachineSpec } from "../spec/spec.ts";

/** Memory affinity that the firmware's SRAT gives; bytes. */
export interface Affinity extends ByteRange {
  readonly pxm: number;
}

/** Where a node's boot memory lies: as the machine says it, or each node takes its share, one after the other, as QEMU does. */
export function memoryAffinity(platform: Platform, spec: MachineSpec): Affinity[] {
  const said = spec.nodes.flatMap(({ id, ranges = [] }) => ranges.map((range) => ({ pxm: id, ...range })));
  if (said.length > 0) return said.sort((a, b) => a.start - b.start);
  const entries: Affinity[] = [];
  let next = 0;
  for (const { id, memoryBytes } of spec.nodes) {
    const end = next + memoryBytes;
    let before = 0;
    for (const range of platform.bootMemory(spec)) {
      const length = range.end - range.start;
      const from = Math.max(next - before, 0);
      const to = Math.min(end - before, length);
      if (from < to) entries.push({ pxm: id, start: range.start + from, end: range.start + to });
      before += length;
    }
    next = end;
  }
  return entries;
}

/** Memory of devices that firmware tells of as RAM from the start: with DLPAR it is boot memory (p_coldplug). */
export function deviceRam(
  platform: Platform,
  spec: MachineSpec,
  devices: readonly DeviceType[],
): readonly (ByteRange & { readonly node: number })[] {
  if (platform.announces !== "dlpar") return [];
  const start = platform.deviceMemoryStart(spec);
  return eachSpec(devices, spec.devices, (type, own) => type.bootRam?.(own, start) ?? []).flat();
}

/** Ranges that follow one another are one. */
export function joined<Range extends ByteRange>(
  ranges: readonly Range[],
  isAlike: (a: Range, b: Range) => boolean,
): Range[] {
  const out: Range[] = [];
  for (const range of ranges) {
    const last = out.at(-1);
    if (last !== undefined && last.end === range.start && isAlike(last, range))
      out[out.length - 1] = { ...last, end: range.end };
    else out.push(range);
  }
  return out;
}

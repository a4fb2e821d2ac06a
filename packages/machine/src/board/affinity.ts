import type { ByteRange, Platform } from "@memhp/platforms";
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

/** Pfns `start` (included) to `end` (not included). */
export interface PfnRange {
  readonly start: number;
  readonly end: number;
}

/** A device of virtio-mem: `virtio1` of /proc/iomem, which stays when nothing of it is plugged. */
export interface DeviceRange extends PfnRange {
  readonly name: string;
}

/** System RAM, and the part of it that belongs to drivers: virtio-mem, dax. */
export interface SystemRam {
  readonly all: readonly PfnRange[];
  readonly ofDrivers: readonly PfnRange[];
  readonly virtioMem: readonly DeviceRange[];
}

/**
 * System RAM of /proc/iomem in pages, ascending: whole pages only. Undefined where an unprivileged reader saw zeros for
 * addresses (since 4.6).
 */
export function parseSystemRam(text: string, pageSize: number): SystemRam | undefined {
  const ranges: PfnRange[] = [];
  const ofDrivers: PfnRange[] = [];
  const virtioMem: DeviceRange[] = [];
  for (const line of text.split("\n")) {
    const device = /^([0-9a-f]{8,16})-([0-9a-f]{8,16}) : (virtio\d+)$/.exec(line);
    if (device !== null) {
      const [first = 0, last = 0] = device.slice(1, 3).map((text) => Number.parseInt(text, 16));
      virtioMem.push({ name: device[3] as string, start: first / pageSize, end: Math.floor((last + 1) / pageSize) });
    }
    // Kernel code and the like lie within; RAM of a driver lies within its device.
    const match = /^ *([0-9a-f]{8,16})-([0-9a-f]{8,16}) : System RAM( \(.*\))?$/.exec(line);
    if (match === null) continue;
    const first = Number.parseInt(match[1] as string, 16);
    const last = Number.parseInt(match[2] as string, 16);
    const range = { start: Math.ceil(first / pageSize), end: Math.floor((last + 1) / pageSize) };
    if (range.end <= range.start) continue;
    ranges.push(range);
    if (match[3] !== undefined) ofDrivers.push(range);
  }
  if (ranges.every(({ end }) => end <= 1)) return undefined;
  return { all: ranges.sort((a, b) => a.start - b.start), ofDrivers, virtioMem };
}

/** Pages of a range that System RAM covers. */
export function ramPages(ram: readonly PfnRange[], { start, end }: PfnRange): number {
  let pages = 0;
  for (const range of ram) pages += Math.max(0, Math.min(range.end, end) - Math.max(range.start, start));
  return pages;
}

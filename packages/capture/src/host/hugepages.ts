import { type CaptureFiles, numbersIn, textOf } from "../files/capture-files.ts";

/** A pool of hugepages of one size on one node. Counts are of hugepages. */
export interface HugePool {
  readonly node: number;
  /** Base pages of one hugepage. */
  readonly pages: number;
  readonly total: number;
  readonly free: number;
  /** Promised to mappings, on all nodes together; undefined where no file tells. */
  readonly reserved?: number;
}

/** Pools of hugepages from the folders of the nodes, and what is reserved from /sys/kernel/mm and meminfo. */
export function readHugePools(
  files: CaptureFiles,
  list: (directory: string) => readonly string[],
  meminfo: ReadonlyMap<string, number>,
  pageSize: number,
): HugePool[] {
  const pools: HugePool[] = [];
  const nodes = "/sys/devices/system/node";
  for (const node of numbersIn(list(nodes), "node")) {
    const folder = `${nodes}/node${node}/hugepages`;
    for (const size of list(folder)) {
      const kilobytes = /^hugepages-(\d{1,12})kB$/.exec(size);
      if (kilobytes === null) continue;
      const number = (file: string): number => Number(textOf(files, `${folder}/${size}/${file}`) ?? 0);
      const bytes = Number(kilobytes[1]) * 1024;
      const reserved = reservedOf(files, size, bytes, meminfo);
      pools.push({
        node,
        pages: bytes / pageSize,
        total: number("nr_hugepages"),
        free: number("free_hugepages"),
        ...(reserved === undefined ? {} : { reserved }),
      });
    }
  }
  return pools.sort((a, b) => a.node - b.node || a.pages - b.pages);
}

function reservedOf(
  files: CaptureFiles,
  size: string,
  bytes: number,
  meminfo: ReadonlyMap<string, number>,
): number | undefined {
  const told = textOf(files, `/sys/kernel/mm/hugepages/${size}/resv_hugepages`);
  if (told !== undefined && /^\d+\s*$/.test(told)) return Number(told);
  return meminfo.get("Hugepagesize") === bytes / 1024 ? meminfo.get("HugePages_Rsvd") : undefined;
}

/** Lines `Name: 123 kB` of a meminfo: numbers by name, in the unit of the file. */
export function parseMeminfo(text: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([\w()]+):\s+(\d{1,15})(?: kB)?$/.exec(line.trim());
    if (match !== null) numbers.set(match[1] as string, Number(match[2]));
  }
  return numbers;
}

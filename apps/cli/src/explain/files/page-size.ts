import type { ReadTree } from "@memhp/sysfs";
import { fileText, namesIn } from "./file-text.ts";

/** The same amount in KiB and in pages: names in meminfo and vmstat. */
const pairs: readonly (readonly [meminfo: string, vmstat: string])[] = [
  ["MemFree", "nr_free_pages"],
  ["AnonPages", "nr_anon_pages"],
  ["FilePages", "nr_file_pages"],
  ["Mapped", "nr_mapped"],
  ["PageTables", "nr_page_table_pages"],
];

/** Pages that Linux has somewhere, in KiB. */
const PAGE_KB = [4, 8, 16, 64, 256];
/** The two files are not read at one moment; twice as much is another page size already. */
const TOLERANCE = 0.2;

/** Bytes of a base page, from files that give the same amount in KiB and in pages; null where none do or they disagree. */
export function pageSizeOf(tree: ReadTree): number | null {
  const nodes = namesIn(tree, "/sys/devices/system/node").map((name) => `/sys/devices/system/node/${name}`);
  const votes = new Map<number, number>();
  for (const folder of [...nodes, "/proc"]) {
    for (const size of sizesIn(fileText(tree, `${folder}/meminfo`), fileText(tree, `${folder}/vmstat`)))
      votes.set(size, (votes.get(size) ?? 0) + 1);
  }
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] === second?.[1]) return null;
  return first[0] * 1024;
}

function sizesIn(meminfo = "", vmstat = ""): number[] {
  return pairs.flatMap(([name, counter]) => {
    const kb = Number(new RegExp(`\\b${name}:\\s+(\\d+) kB`).exec(meminfo)?.[1] ?? 0);
    const pages = Number(new RegExp(`^${counter} (\\d+)$`, "m").exec(vmstat)?.[1] ?? 0);
    const ratio = kb / pages;
    const size = PAGE_KB.find((each) => Math.abs(ratio / each - 1) < TOLERANCE);
    return size === undefined ? [] : [size];
  });
}

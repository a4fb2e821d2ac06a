import { defaultHugepageKb } from "./hugepages.ts";
import type { KernelPort } from "./kernel-port.ts";

/** /proc/meminfo; what memhp does not count prints 0. */
export function meminfo(port: KernelPort): string {
  const view = port.meminfo();
  const known: Readonly<Record<string, number>> = {
    // Without a page cache to give back, what is free is what is available.
    MemAvailable: view.freeKb,
    ...view.counters,
    MemTotal: view.totalKb,
    MemFree: view.freeKb,
    HardwareCorrupted: view.hardwareCorruptedKb,
  };
  const { config, sysfs, text } = port.kernel;
  const kilobytes = (name: string, value: number): string =>
    `${name}:`.padEnd(16) + `${value}`.padStart(widthOf(name)) + " kB\n";
  return [
    ...text.meminfo.map((name) => kilobytes(name, known[name] ?? 0)),
    // hugetlb_report_meminfo
    ...(config.HUGETLBFS
      ? [
          pages("HugePages_Total", view.hugePagesTotal),
          pages("HugePages_Free", view.hugePagesFree),
          pages("HugePages_Rsvd", 0),
          pages("HugePages_Surp", view.hugePagesSurplus),
          kilobytes("Hugepagesize", defaultHugepageKb(port)),
          ...(sysfs.meminfoHugetlb ? [kilobytes("Hugetlb", view.hugetlbKb)] : []),
        ]
      : []),
  ].join("");
}

/** A name that is wider than its column takes from the number's. */
function widthOf(name: string): number {
  return 24 - Math.max(16, name.length + 1);
}

function pages(name: string, count: number): string {
  return `${`${name}:`.padEnd(19)}${`${count}`.padStart(5)}\n`;
}

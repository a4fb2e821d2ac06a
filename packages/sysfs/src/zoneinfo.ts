import { unsignedLong } from "@memhp/abi";
import type { Counters, KernelPort, NodeView, ZoneView } from "./kernel-port.ts";
import type { KernelText } from "./kernel-text.ts";
import type { SysfsRules } from "./sysfs-rules.ts";
import { isPopulated, onlineNodes, zoneCounter, zoneTitle } from "./zones.ts";

/** What a record needs besides its zone. */
interface Printing {
  readonly text: KernelText;
  readonly cpus: readonly number[];
}

/** /proc/zoneinfo; counters that the port does not name print 0 (facts/kernel.md §9.1). */
export function zoneinfo(port: KernelPort, cpus: readonly number[]): string {
  const { sysfs, text } = port.kernel;
  const printing: Printing = { text, cpus };
  // Text of 1,024 nodes and processors has 240 MB: appended, it never exists a second time as parts.
  let all = "";
  for (const node of onlineNodes(port)) all += records[sysfs.zoneinfo](printing, node);
  return all;
}

const records: Readonly<Record<SysfsRules["zoneinfo"], (printing: Printing, node: NodeView) => string>> = {
  "populated-only": (printing, node) =>
    node.zones
      .filter(isPopulated)
      .map((zone) => [zoneTitle(node, zone), ...record41(printing, zone), ""].join("\n"))
      .join(""),
  "all-zones": (printing, node) => {
    const { zones } = node;
    const first = zones.find(isPopulated);
    return zones
      .map((zone) =>
        [zoneTitle(node, zone), ...record6(printing, zone, zone === first ? node.counters : undefined), ""].join("\n"),
      )
      .join("");
  },
};

/** 4.1, mm/vmstat.c zoneinfo_show_print; its first lines are recorded (4.1: page-offline, z-pinned). */
function record41({ text, cpus }: Printing, zone: ZoneView): string[] {
  return [
    `  pages free     ${zone.freePages}`,
    ...rows(text, zone),
    ...counters(text.zoneCounters, "    ", (name) => zoneCounter(zone, name)),
    `        protection: (${zone.protection.join(", ")})`,
    ...pagesets(cpus, zone),
    "  all_unreclaimable: 0",
    `  start_pfn:         ${zone.startPfn}`,
    "  inactive_ratio:    1",
  ];
}

/** 6.1, 6.12: x_going_offline. A zone without pages ends after its protection. */
function record6({ text, cpus }: Printing, zone: ZoneView, ofNode: Counters | undefined): string[] {
  const head = [
    ...(ofNode === undefined
      ? []
      : ["  per-node stats", ...counters(text.nodeCounters, "      ", (name) => ofNode[name] ?? 0)]),
    `  pages free     ${zone.freePages}`,
    ...rows(text, zone),
    `        protection: (${zone.protection.join(", ")})`,
  ];
  if (!isPopulated(zone)) return head;
  return [
    ...head,
    ...counters(text.zoneCounters, "      ", (name) => zoneCounter(zone, name)),
    ...pagesets(cpus, zone),
    "  node_unreclaimable:  0",
    `  start_pfn:           ${zone.startPfn}`,
  ];
}

function rows(text: KernelText, zone: ZoneView): string[] {
  const known: Readonly<Record<string, number | bigint>> = {
    scanned: zoneCounter(zone, "nr_pages_scanned"),
    min: zone.minPages,
    low: zone.lowPages,
    high: zone.highPages,
    promo: zone.promoPages,
    spanned: unsignedLong(zone.spannedPages),
    present: zone.presentPages,
    managed: zone.managedPages,
  };
  return text.zoneRows.map((name) => `        ${name.padEnd(8)} ${known[name] ?? 0}`);
}

function counters(names: readonly string[], indent: string, count: (name: string) => number): string[] {
  return names.map((name) => `${indent}${name.padEnd(12)} ${count(name)}`);
}

function pagesets(cpus: readonly number[], { pageset: { high, batch, statThreshold } }: ZoneView): string[] {
  const pageset = (cpu: number): string[] => [
    `    cpu: ${cpu}`,
    "              count: 0",
    `              high:  ${high}`,
    `              batch: ${batch}`,
    `  vm stats threshold: ${statThreshold}`,
  ];
  return ["  pagesets", ...cpus.flatMap(pageset)];
}

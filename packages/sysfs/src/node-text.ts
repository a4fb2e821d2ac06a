import { PAGE_KB } from "@memhp/abi";
import { defaultHugepageKb, defaultHugepages } from "./hugepages.ts";
import type { Counters, KernelPort, NodeView, ZoneView } from "./kernel-port.ts";
import type { KernelText } from "./kernel-text.ts";
import type { SysfsRules } from "./sysfs-rules.ts";
import { zoneCounter } from "./zones.ts";

function sumOf(node: NodeView, count: (zone: ZoneView) => number): number {
  return node.zones.reduce((sum, zone) => sum + count(zone), 0);
}

type NodeMeminfoPort = Pick<KernelPort, "kernel" | "pageKb" | "defaultHugepagesKb">;

/** nodeK/meminfo: MemTotal counts managed pages (observed-4.1 §1); what memhp does not count prints 0. */
export function nodeMeminfo(
  { kernel: { config, text }, pageKb = PAGE_KB, ...port }: NodeMeminfoPort,
  node: NodeView,
): string {
  const total = sumOf(node, (zone) => zone.managedPages) * pageKb;
  const free = sumOf(node, (zone) => zone.freePages) * pageKb;
  const known: Counters = { ...node.meminfoKb, MemTotal: total, MemFree: free, MemUsed: total - free };
  const { total: hugepages, free: freeHugepages, surplus } = defaultHugepages(node, defaultHugepageKb(port));
  const lines = text.nodeMeminfo.map((name) => {
    const column = text.nodeMeminfoNarrow.includes(name) ? 15 : 16;
    return `${`${name}:`.padEnd(column)}${String(known[name] ?? 0).padStart(8)} kB`;
  });
  const pools = config.HUGETLBFS ? { Total: hugepages, Free: freeHugepages, Surp: surplus } : {};
  const huge = Object.entries(pools).map(
    ([name, count]) => `${`HugePages_${name}:`.padEnd(17)}${String(count).padStart(5)}`,
  );
  return [...lines, ...huge].map((line) => `Node ${node.id} ${line}\n`).join("");
}

export function nodeVmstat({ zoneCounters, nodeCounters }: KernelText, node: NodeView): string {
  return [
    ...zoneCounters.map((name) => `${name} ${sumOf(node, (zone) => zoneCounter(zone, name))}\n`),
    ...nodeCounters.map((name) => `${name} ${node.counters[name] ?? 0}\n`),
  ].join("");
}

/** Names of nodeK/numastat, and what the same events are called elsewhere. */
const numastatNames = {
  numa_hit: "numa_hit",
  numa_miss: "numa_miss",
  numa_foreign: "numa_foreign",
  interleave_hit: "numa_interleave",
  local_node: "numa_local",
  other_node: "numa_other",
};

export function nodeNumastat(node: NodeView): string {
  return Object.entries(numastatNames)
    .map(([name, counter]) => `${name} ${sumOf(node, (zone) => zoneCounter(zone, counter))}\n`)
    .join("");
}

/** Distances to the online nodes. */
export function nodeDistances(blank: SysfsRules["distanceBlank"], node: NodeView, online: readonly number[]): string {
  const separator = (index: number): string =>
    (blank === "not-before-node-0" ? online[index] : index) === 0 ? "" : " ";
  return `${node.distances.map((distance, index) => `${separator(index)}${distance}`).join("")}\n`;
}

import type { KernelProfile } from "@memhp/abi";
import type { NodeView, ZoneView } from "./kernel-port.ts";
import { kernelText } from "./kernel-text.ts";

/** With pages of 4 KiB, which all recorded kernels have. */
const PAGE_KB = 4;

function sumOf(node: NodeView, count: (zone: ZoneView) => number): number {
  return node.zones.reduce((sum, zone) => sum + count(zone), 0);
}

/** nodeK/meminfo: MemTotal counts managed pages (observed-4.1 §1); what memhp does not count prints 0. */
export function nodeMeminfo({ id }: KernelProfile, node: NodeView): string {
  const total = sumOf(node, (zone) => zone.managedPages) * PAGE_KB;
  const free = sumOf(node, (zone) => zone.freePages) * PAGE_KB;
  const known: Readonly<Record<string, number>> = { MemTotal: total, MemFree: free, MemUsed: total - free };
  const text = kernelText[id];
  const lines = text.nodeMeminfo.map((name) => {
    const column = text.nodeMeminfoNarrow.includes(name) ? 15 : 16;
    return `${`${name}:`.padEnd(column)}${String(known[name] ?? 0).padStart(8)} kB`;
  });
  const huge = ["HugePages_Total:", "HugePages_Free:", "HugePages_Surp:"].map((name) => `${name.padEnd(17)}    0`);
  return [...lines, ...huge].map((line) => `Node ${node.id} ${line}\n`).join("");
}

export function nodeVmstat({ id }: KernelProfile, node: NodeView): string {
  const free = sumOf(node, (zone) => zone.freePages);
  const { zoneCounters, nodeCounters } = kernelText[id];
  return [...zoneCounters, ...nodeCounters].map((name) => `${name} ${name === "nr_free_pages" ? free : 0}\n`).join("");
}

export function nodeNumastat(): string {
  return ["numa_hit", "numa_miss", "numa_foreign", "interleave_hit", "local_node", "other_node"]
    .map((name) => `${name} 0\n`)
    .join("");
}

/** Distances to the online nodes. 4.1 leaves the blank out before node 0, later kernels before the first (facts §2.11). */
export function nodeDistances({ generation }: KernelProfile, node: NodeView, online: readonly number[]): string {
  const separator = (index: number): string => ((generation === "4.1" ? online[index] : index) === 0 ? "" : " ");
  return `${node.distances.map((distance, index) => `${separator(index)}${distance}`).join("")}\n`;
}

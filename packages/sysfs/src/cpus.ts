import type { KernelPort } from "./kernel-port.ts";

/** Which CPU is on which node. */
export interface CpuTopology {
  /** CPUs of the online nodes, ascending. */
  readonly cpus: readonly number[];
  nodeOf(cpu: number): number | undefined;
  /** Number of CPU ids, nr_cpu_ids. */
  readonly possible: number;
}

/**
 * Looks the topology up. It is kept while the same nodes are online: CPUs do not come and go, and a
 * machine of a thousand nodes is not asked for all of them at each file.
 */
export function cpuTopology(port: KernelPort): () => CpuTopology {
  let known: { readonly online: readonly number[]; readonly topology: CpuTopology } | undefined;
  return () => {
    const { online } = port.nodeMasks();
    if (known === undefined || !sameNumbers(known.online, online)) {
      known = { online: [...online], topology: lookUp(port, online) };
    }
    return known.topology;
  };
}

function lookUp(port: KernelPort, online: readonly number[]): CpuTopology {
  const nodeByCpu = new Map<number, number>();
  // Of nodes that the kernel made of one, a processor is on the first, though all list it.
  for (const node of online)
    for (const cpu of port.node(node)?.cpus ?? []) if (!nodeByCpu.has(cpu)) nodeByCpu.set(cpu, node);
  const cpus = [...nodeByCpu.keys()].sort((a, b) => a - b);
  return { cpus, nodeOf: (cpu) => nodeByCpu.get(cpu), possible: (cpus.at(-1) ?? 0) + 1 };
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, index) => number === b[index]);
}

/**
 * `%*pb`: groups of 32 bits in hexadecimal, highest first; as many digits as there are CPUs to show. Two CPUs
 * print `3`, not `00000003` (6.1: a_boot_1node).
 */
export function formatCpuMask(cpus: readonly number[], possible: number): string {
  const groups: string[] = [];
  for (let first = 0; first < possible; first += 32) {
    const width = Math.min(possible - first, 32);
    let bits = 0;
    for (const cpu of cpus) if (cpu >= first && cpu < first + 32) bits += 2 ** (cpu - first);
    groups.unshift(bits.toString(16).padStart(Math.ceil(width / 4), "0"));
  }
  return groups.join(",");
}

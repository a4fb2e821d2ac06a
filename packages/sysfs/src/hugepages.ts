import { done, kstrtoul10 } from "@memhp/abi";
import { readOnly, readWrite } from "./attribute.ts";
import { directory, lookupDirectory } from "./directory.ts";
import type { HugepagesView, KernelPort, NodeView } from "./kernel-port.ts";
import { badWord } from "./refusals.ts";
import type { Directory, FileNode } from "./tree-node.ts";

/** What /proc/meminfo counts, and /proc/sys/vm/nr_hugepages (x86_64; 4.1: x-hugepages-boot), unless default_hugepagesz= says otherwise. */
export function defaultHugepageKb({ defaultHugepagesKb = 2048 }: Pick<KernelPort, "defaultHugepagesKb">): number {
  return defaultHugepagesKb;
}

/** The node's pool of the default size. */
export function defaultHugepages(node: NodeView, sizeKb: number): HugepagesView {
  return node.hugepages.find((pool) => pool.sizeKb === sizeKb) ?? { sizeKb, total: 0, free: 0, surplus: 0 };
}

/** nodeK/hugepages (6.1, 6.12: c_hugetlb_movable). */
export function hugepagesDirectory(port: KernelPort, id: number, now: () => NodeView): Directory {
  const name = ({ sizeKb }: HugepagesView): string => `hugepages-${sizeKb}kB`;
  return lookupDirectory(
    () => now().hugepages.map(name),
    (entry) => {
      const pool = now().hugepages.find((other) => name(other) === entry);
      if (pool === undefined) return undefined;
      const { sizeKb } = pool;
      return poolDirectory(port, id, sizeKb, () => now().hugepages.find((other) => other.sizeKb === sizeKb) ?? pool);
    },
  );
}

/** /sys/kernel/mm/hugepages: the pools of all nodes together. */
export function allHugepagesDirectory(port: KernelPort): Directory {
  const name = (sizeKb: number): string => `hugepages-${sizeKb}kB`;
  const pools = (): HugepagesView[] => port.nodeMasks().online.flatMap((id) => port.node(id)?.hugepages ?? []);
  const sizes = (): number[] => [...new Set(pools().map(({ sizeKb }) => sizeKb))].sort((a, b) => a - b);
  return lookupDirectory(
    () => sizes().map(name),
    (entry) => {
      const sizeKb = sizes().find((size) => name(size) === entry);
      if (sizeKb === undefined) return undefined;
      const sum = (value: (pool: HugepagesView) => number): number =>
        pools().reduce((total, pool) => (pool.sizeKb === sizeKb ? total + value(pool) : total), 0);
      return poolDirectory(port, undefined, sizeKb, () => ({
        sizeKb,
        total: sum(({ total }) => total),
        free: sum(({ free }) => free),
        surplus: sum(({ surplus }) => surplus),
      }));
    },
  );
}

function poolDirectory(
  port: KernelPort,
  node: number | undefined,
  sizeKb: number,
  now: () => HugepagesView,
): Directory {
  return directory({
    free_hugepages: readOnly(() => `${now().free}\n`),
    nr_hugepages: nrHugepagesFile(port, node, sizeKb, now),
    surplus_hugepages: readOnly(() => `${now().surplus}\n`),
  });
}

/** A decimal number; the pool grows as far as there is room (mm/hugetlb.c nr_hugepages_store_common). */
function nrHugepagesFile(
  port: KernelPort,
  node: number | undefined,
  sizeKb: number,
  now: () => HugepagesView,
): FileNode {
  return readWrite(
    port.kernel,
    () => `${now().total}\n`,
    async ({ text }) => {
      const count = kstrtoul10(text);
      if (typeof count === "string") {
        return badWord(text, "mm/hugetlb.c nr_hugepages_store_common", "write a number of hugepages: 100", count);
      }
      const set = await port.setHugepages(node, sizeKb, Number(count));
      return set.ok ? done(undefined) : set;
    },
  );
}

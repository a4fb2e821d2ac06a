import { type Refusal, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { highestZoneOfLoad, type LoadKind, type NodePolicy } from "@memhp/engine";
import type { PageRequest } from "@memhp/hotplug";
import { type LoadHost, type LoadSpec, pagesIn } from "./load-spec.ts";

/**
 * Whose allocation direct reclaim serves: single pages. Hugepages are of their pools, larger chunks want neighbours, and page
 * cache that would push itself out grows no further.
 */
function reclaims(kind: LoadKind): boolean {
  return kind !== "file" && kind !== "hugetlb" && kind !== "hugetlb_1g" && kind !== "slab" && kind !== "thp";
}

/** How a load comes to its pages: node by node, down to the floors that programs leave, with reclaim where it helps. */
export class LoadGrowth {
  readonly #host: LoadHost;

  constructor(host: LoadHost) {
    this.#host = host;
  }

  /** Asks the nodes of the policy one after another. @returns base pages that found no room. */
  async grow(spec: LoadSpec, pages: number): Promise<number> {
    const { policy } = spec;
    if (policy?.mode === "interleave" && policy.nodes.length > 1) {
      const share = Math.floor(pages / policy.nodes.length);
      let left = pages;
      for (const [i, node] of policy.nodes.entries())
        left -= await this.growOn(spec, [node], i === 0 ? pages - share * (policy.nodes.length - 1) : share);
      return left === 0 ? 0 : left - (await this.growOn(spec, this.#host.nodeOrder(policy.nodes[0] as number), left));
    }
    return pages - (await this.growOn(spec, this.nodesFor(policy), pages));
  }

  nodesFor(policy: NodePolicy | undefined): readonly number[] {
    const first = policy?.nodes[0] ?? this.#host.taskNode;
    const order = this.#host.nodeOrder(first);
    if (policy === undefined) return order;
    if (policy.mode === "bind") return order.filter((node) => policy.nodes.includes(node));
    return [...policy.nodes, ...order.filter((node) => !policy.nodes.includes(node))];
  }

  /** On the nodes given; before it has to fail, page cache of other programs makes room, as often as there is some. */
  async growOn(spec: LoadSpec, nodes: readonly number[], pages: number): Promise<number> {
    let taken = await this.#growOnce(spec, nodes, pages);
    for (let grown = 1; grown > 0 && taken < pages && reclaims(spec.kind); taken += grown) {
      const freed = await this.#reclaim(spec, nodes, pages - taken);
      grown = freed === 0 ? 0 : await this.#growOnce(spec, nodes, pages - taken);
    }
    return taken;
  }

  async #reclaim({ kind }: LoadSpec, nodes: readonly number[], pages: number): Promise<number> {
    const highestZone = highestZoneOfLoad(kind);
    let freed = 0;
    for (const node of nodes) {
      if (freed >= pages) break;
      const request: PageRequest = {
        op: "reclaim",
        node,
        pages: pages - freed,
        highestZone,
        floors: this.floors(node),
      };
      for (const result of await this.#host.work([request])) freed += pagesIn(result);
    }
    return freed;
  }

  async #growOnce(spec: LoadSpec, nodes: readonly number[], pages: number): Promise<number> {
    const load = { id: spec.id, kind: spec.kind, ...(spec.pin === undefined ? {} : { pin: spec.pin }) };
    let taken = 0;
    for (const node of nodes) {
      if (taken >= pages) break;
      const request: PageRequest = { op: "load", node, ...load, pages: pages - taken, floors: this.floors(node) };
      for (const result of await this.#host.work([request])) taken += pagesIn(result);
    }
    return Math.min(taken, pages);
  }

  /** Free pages that programs leave in each zone of a node. */
  floors(node: number): number[] {
    const memory = this.#host.map.nodes.get(node);
    if (memory === undefined) return [];
    const floorsOf = this.#host.floors();
    // An allocation that may use Movable leaves more of the lower zones alone than one that may not.
    const movable = floorsOf(memory, ZONE_MOVABLE);
    const kernel = floorsOf(memory, ZONE_NORMAL);
    return movable.map((floor, zone) => Math.max(floor, kernel[zone] as number));
  }
}

/** Why a load got less than it asked for. */
export function noRoom({ id, kind, policy }: LoadSpec, missing: number, pages: number): Refusal {
  const where = policy === undefined ? "any node" : `node ${policy.nodes.join(", ")}`;
  if (kind === "hugetlb" || kind === "hugetlb_1g")
    return {
      errno: "ENOMEM",
      code: "no_target_memory",
      rule: "mm/hugetlb.c: hugepages come from their pool alone",
      retry: "maybe",
      remedy: [
        "write the number of hugepages to /proc/sys/vm/nr_hugepages, or to nr_hugepages of the node",
        "end another load of hugepages",
      ],
      detail: `${missing} of ${pages} pages of ${id} (${kind}) found no free hugepage in the pool of ${where}`,
    };
  return {
    errno: "ENOMEM",
    code: "no_target_memory",
    rule: "facts §9.3: an allocation leaves the min watermark and lowmem_reserve alone",
    retry: "maybe",
    remedy: [`online more memory on ${where}`, "end another load"],
    detail: `${missing} of ${pages} pages of ${id} (${kind}) found no room on ${where}`,
  };
}

import type { KernelProfile } from "@memhp/abi";
import {
  highestTargetZone,
  hugepageTargetNodes,
  type LotGrant,
  type MemoryMap,
  nodeFallbackOrder,
  pageKinds,
  type PageLot,
  pageRules,
  targetNodes,
} from "@memhp/engine";
import type { DemandAnswer, PageDemand, PageRequest, PageResult, TargetPages } from "@memhp/hotplug";
import type { DemandServer } from "./hotplug-core.ts";
import { allocationFloors } from "./watermarks.ts";

/** What the exchange needs to know of the machine. */
export interface ExchangeHost {
  readonly profile: KernelProfile;
  readonly map: MemoryMap;
  /** Distance between nodes as the kernel believes it. */
  distance(from: number, to: number): number;
  /** Node on which the program runs that offlines: the first with a processor. */
  readonly taskNode: number;
  /** 4.1: ends the program that holds most memory, at a time. @returns its name; undefined where nobody is left to end. */
  killForMemory(work: PageWork, atNs: number): Promise<string | undefined>;
}

export type PageWork = (requests: readonly PageRequest[]) => Promise<PageResult[]>;

/** Nodes with memory, as an allocation of `node` asks them. */
export function nodeOrder(
  { map, distance }: Pick<ExchangeHost, "distance"> & { readonly map: Pick<MemoryMap, "nodes"> },
  node: number,
): number[] {
  const nodes = [...map.nodes.values()].filter((each) => each.hasMemory).map(({ id }) => id);
  const rows = new Map([[node, new Map(nodes.map((to) => [to, distance(node, to)]))]]);
  return nodeFallbackOrder(node, nodes, rows);
}

const isHugetlb = (lot: PageLot): boolean => pageKinds[lot.kind]?.startsWith("hugetlb") === true;

/**
 * Migration across nodes (facts §4.4). Demands are served one after another, each node by node, so that the same
 * pages go to the same places on any number of workers.
 */
export class TargetExchange implements DemandServer {
  readonly #host: ExchangeHost;

  constructor(host: ExchangeHost) {
    this.#host = host;
  }

  async serve(demands: readonly PageDemand[], work: PageWork): Promise<readonly DemandAnswer[]> {
    const answers: DemandAnswer[] = [];
    for (const demand of demands) answers.push(await this.#serveOne(demand, work));
    return answers;
  }

  async #serveOne(demand: PageDemand, work: PageWork): Promise<DemandAnswer> {
    const { profile, map, taskNode } = this.#host;
    const rules = pageRules(profile);
    const context = { nodeOrder: (node: number) => nodeOrder(this.#host, node), taskNode };
    const hugepageNodes = new Set(hugepageTargetNodes(rules, demand.node, context));
    const highestZone = highestTargetZone(rules, demand.zone);
    const order = [...new Set([...targetNodes(rules, demand.node, context), ...hugepageNodes])];
    const grants = demand.lots.map((): { count: number; temporary: number } => ({ count: 0, temporary: 0 }));
    const targets: TargetPages[] = [];
    const online = [...map.nodes.values()].filter((node) => node.online);
    for (const id of order) {
      const node = map.nodes.get(id);
      if (node === undefined) continue;
      const wanted = demand.lots.map((lot, i) => ({ ...lot, count: lot.count - (grants[i] as LotGrant).count }));
      if (wanted.every(({ count }) => count === 0)) break;
      const floors = allocationFloors(map, online, node, highestZone);
      const hugepages = hugepageNodes.has(id);
      const [result] = await work([{ op: "accept", node: id, lots: wanted, highestZone, hugepages, floors }]);
      if (result?.op !== "accept") throw new Error("memhp bug: a node did not answer a demand for pages");
      let pages = 0;
      for (const [i, grant] of result.grants.entries()) {
        const sum = grants[i] as (typeof grants)[number];
        sum.count += grant.count;
        sum.temporary += grant.temporary;
        pages += grant.count * 2 ** (demand.lots[i] as PageLot).order;
      }
      if (pages > 0) targets.push({ node: id, pages });
    }
    const isShort = demand.lots.some((lot, i) => !isHugetlb(lot) && (grants[i] as LotGrant).count < lot.count);
    if (isShort && targets.length === 0 && profile.offlineRetries === "bounded") {
      const killed = await this.#host.killForMemory(work, demand.atNs);
      if (killed !== undefined) return { node: demand.node, killed };
    }
    return { node: demand.node, grants, targets };
  }
}

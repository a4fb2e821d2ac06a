import {
  type Destination,
  type MemoryMap,
  nodeFallbackOrder,
  offlineDestination,
  softOfflineDestination,
} from "@memhp/engine";
import type { TargetAnswer, TargetRequest } from "@memhp/hotplug";
import type { TargetServer } from "../shard-set.ts";
import { planRound, type RoundPlan } from "./target-plan.ts";
import { findTargets, nodeFloors, type PageWork } from "./target-search.ts";

/** What the exchange needs to know of the machine. */
export interface TargetAllocatorHost {
  readonly map: MemoryMap;
  /** Distance between nodes as the kernel believes it. */
  distance(from: number, to: number): number;
  /** Node on which the program runs that offlines: the first with a processor. */
  readonly taskNode: number;
  /** 4.1: ends the program that holds most memory, at a time. @returns its name; undefined where nobody is left to end. */
  killForMemory(work: PageWork, atNs: number): Promise<string | undefined>;
}

/** Nodes with memory, as an allocation of `node` asks them. */
export function nodeOrder(
  { map, distance }: Pick<TargetAllocatorHost, "distance"> & { readonly map: Pick<MemoryMap, "nodes"> },
  node: number,
): number[] {
  const nodes = [...map.nodes.values()].filter((each) => each.hasMemory).map(({ id }) => id);
  const rows = new Map([[node, new Map(nodes.map((to) => [to, distance(node, to)]))]]);
  return nodeFallbackOrder(node, nodes, rows);
}

/**
 * Migration across nodes (facts §4.4). Demands are served one after another, each node by node, so that the same
 * pages go to the same places on any number of workers.
 */
export class TargetAllocator implements TargetServer {
  readonly #host: TargetAllocatorHost;
  readonly #orders = new Map<number, number[]>();
  /** Nodes with memory for which the orders are. */
  #ordered = "";

  constructor(host: TargetAllocatorHost) {
    this.#host = host;
  }

  plan(
    targetRequests: readonly TargetRequest[],
    freePages: (node: number) => readonly number[],
  ): RoundPlan | undefined {
    const { map } = this.#host;
    // 4.1 ends programs by what its nodes were last known to hold, and then starts over.
    if (map.kernel.pages.offlineRetries === "bounded") return undefined;
    const floorsOf = nodeFloors(map);
    this.#forgetOrders();
    return planRound(targetRequests, {
      destination: (targetRequest) => this.#destination(targetRequest),
      floors: floorsOf,
      freePages,
    });
  }

  /**
   * A program that ends takes pages with it that others have just collected, or been given targets for. So nobody is ended in a round
   * in which somebody was given pages: who found none asks again, as the first of the next round; and then all look at their pages anew.
   */
  async serve(targetRequests: readonly TargetRequest[], work: PageWork): Promise<readonly TargetAnswer[]> {
    const answers: TargetAnswer[] = [];
    this.#forgetOrders();
    for (const [i, targetRequest] of targetRequests.entries()) {
      const answer = await this.#serveOne(targetRequest, work, i === 0);
      if (answer === undefined) break;
      if ("killed" in answer) return targetRequests.map(({ node }) => ({ node, killed: answer.killed }));
      answers.push(answer);
    }
    return answers;
  }

  /** @returns undefined where somebody would have to be ended, and may not. */
  async #serveOne(targetRequest: TargetRequest, work: PageWork, mayKill: boolean): Promise<TargetAnswer | undefined> {
    const { map } = this.#host;
    const { found, targets, missingPages } = await findTargets(
      map,
      targetRequest.folios,
      this.#destination(targetRequest),
      work,
    );
    if (missingPages > 0 && targets.length === 0 && map.kernel.pages.offlineRetries === "bounded") {
      if (!mayKill) return undefined;
      const killed = await this.#host.killForMemory(work, targetRequest.atNs);
      if (killed !== undefined) return { node: targetRequest.node, killed };
    }
    return { node: targetRequest.node, found, targets };
  }

  #destination(targetRequest: TargetRequest): Destination {
    const { map, taskNode } = this.#host;
    const context = { nodeOrder: (node: number) => this.#nodeOrder(node), taskNode };
    const { node, zone, ownNodeFirst = false } = targetRequest;
    const { pages } = map.kernel;
    return ownNodeFirst
      ? softOfflineDestination(pages, node, zone, context)
      : offlineDestination(pages, node, zone, context);
  }

  #nodeOrder(node: number): readonly number[] {
    let order = this.#orders.get(node);
    if (order === undefined) this.#orders.set(node, (order = nodeOrder(this.#host, node)));
    return order;
  }

  /** Nodes gain and lose memory only between rounds. */
  #forgetOrders(): void {
    let nodes = "";
    for (const node of this.#host.map.nodes.values()) if (node.hasMemory) nodes += `${node.id},`;
    if (nodes === this.#ordered) return;
    this.#ordered = nodes;
    this.#orders.clear();
  }
}

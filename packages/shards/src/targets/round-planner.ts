import type { Architecture } from "@memhp/abi";
import {
  type Destination,
  type EngineKernel,
  nodeFallbackOrder,
  type NodeMemory,
  offlineDestination,
  softOfflineDestination,
} from "@memhp/engine";
import type { TargetRequest } from "@memhp/hotplug";
import { nodeFloors } from "./node-floors.ts";
import { planRound, type RoundPlan } from "./target-plan.ts";

/** What stays as it is while a machine runs. */
export interface Topology {
  readonly kernel: EngineKernel;
  readonly arch: Architecture;
  /** Distance between nodes as the kernel believes it. */
  readonly distance: (from: number, to: number) => number;
  /** Node on which the program runs that offlines: the first with a processor. */
  readonly taskNode: number;
}

/** Nodes with memory, as an allocation of `node` asks them. */
export function nodeOrder(
  { map, distance }: Pick<Topology, "distance"> & { readonly map: { readonly nodes: ReadonlyMap<number, NodeMemory> } },
  node: number,
): number[] {
  const nodes = [...map.nodes.values()].filter((each) => each.hasMemory).map(({ id }) => id);
  const rows = new Map([[node, new Map(nodes.map((to) => [to, distance(node, to)]))]]);
  return nodeFallbackOrder(node, nodes, rows);
}

/** Plans rounds of one machine from counters of its nodes. */
export class RoundPlanner {
  readonly #host: Topology & { readonly nodes: ReadonlyMap<number, NodeMemory> };
  readonly #orders = new Map<number, number[]>();
  readonly #destinations = new Map<number, Destination>();
  /** Nodes with memory for which the orders are. */
  #ordered: readonly number[] = [];

  constructor(host: Topology & { readonly nodes: ReadonlyMap<number, NodeMemory> }) {
    this.#host = host;
  }

  /**
   * Undefined where counters are not enough.
   * @param targetRequests in the order in which they are served.
   * @param isWanted nodes whose part of the plan is wanted; by default all.
   */
  plan(
    targetRequests: readonly TargetRequest[],
    freePages: (node: number) => readonly number[],
    isWanted?: (node: number) => boolean,
  ): RoundPlan | undefined {
    // 4.1 ends programs by what its nodes were last known to hold, and then starts over.
    if (this.#host.kernel.pages.offlineRetries === "bounded") return undefined;
    this.forgetOrders();
    return planRound(targetRequests, {
      destination: (targetRequest) => this.destination(targetRequest),
      floors: nodeFloors(this.#host),
      freePages,
      ...(isWanted === undefined ? {} : { isWanted }),
    });
  }

  /** Where the pages of a request may go, by the nodes that had memory when `forgetOrders` looked. */
  destination(targetRequest: TargetRequest): Destination {
    const { node, zone, ownNodeFirst = false } = targetRequest;
    const key = (node * 8 + zone) * 2 + Number(ownNodeFirst);
    let destination = this.#destinations.get(key);
    if (destination === undefined) {
      const context = { nodeOrder: (from: number) => this.#nodeOrder(from), taskNode: this.#host.taskNode };
      const { pages } = this.#host.kernel;
      destination = ownNodeFirst
        ? softOfflineDestination(pages, node, zone, context)
        : offlineDestination(pages, node, zone, context);
      this.#destinations.set(key, destination);
    }
    return destination;
  }

  #nodeOrder(node: number): readonly number[] {
    let order = this.#orders.get(node);
    const { distance } = this.#host;
    if (order === undefined) this.#orders.set(node, (order = nodeOrder({ map: this.#host, distance }, node)));
    return order;
  }

  /** Nodes gain and lose memory only between rounds. */
  forgetOrders(): void {
    let known = 0;
    let isSame = true;
    for (const { hasMemory, id } of this.#host.nodes.values()) if (hasMemory) isSame &&= this.#ordered[known++] === id;
    if (isSame && known === this.#ordered.length) return;
    this.#ordered = [...this.#host.nodes.values()].flatMap(({ hasMemory, id }) => (hasMemory ? [id] : []));
    this.#orders.clear();
    this.#destinations.clear();
  }
}

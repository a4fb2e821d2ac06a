import type { MemoryMap } from "@memhp/engine";
import type { TargetAnswer, TargetRequest } from "@memhp/hotplug";
import type { TargetServer } from "./target-server.ts";
import { RoundPlanner } from "./round-planner.ts";
import type { RoundPlan } from "./target-plan.ts";
import { findTargets, type PageWork } from "./target-search.ts";

/** What the exchange needs to know of the machine. */
export interface TargetAllocatorHost {
  readonly map: MemoryMap;
  /** Distance between nodes as the kernel believes it. */
  readonly distance: (from: number, to: number) => number;
  /** Node on which the program runs that offlines: the first with a processor. */
  readonly taskNode: number;
  /** 4.1: ends the program that holds most memory, at a time. @returns its name; undefined where nobody is left to end. */
  killForMemory(work: PageWork, atNs: number): Promise<string | undefined>;
}

/**
 * Migration across nodes (facts §4.4). Demands are served one after another, each node by node, so that the same
 * pages go to the same places on any number of workers.
 */
export class TargetAllocator implements TargetServer {
  readonly #host: TargetAllocatorHost;
  readonly #planner: RoundPlanner;

  constructor(host: TargetAllocatorHost) {
    this.#host = host;
    const { map, distance, taskNode } = host;
    const { kernel, arch, nodes } = map;
    this.#planner = new RoundPlanner({ kernel, arch, nodes, distance, taskNode });
  }

  plan(
    targetRequests: readonly TargetRequest[],
    freePages: (node: number) => readonly number[],
  ): RoundPlan | undefined {
    return this.#planner.plan(targetRequests, freePages);
  }

  /**
   * A program that ends takes pages with it that others have just collected, or been given targets for. So nobody is ended in a round
   * in which somebody was given pages: who found none asks again, as the first of the next round; and then all look at their pages anew.
   */
  async serve(targetRequests: readonly TargetRequest[], work: PageWork): Promise<readonly TargetAnswer[]> {
    const answers: TargetAnswer[] = [];
    this.#planner.forgetOrders();
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
      this.#planner.destination(targetRequest),
      work,
    );
    if (missingPages > 0 && targets.length === 0 && map.kernel.pages.offlineRetries === "bounded") {
      if (!mayKill) return undefined;
      const killed = await this.#host.killForMemory(work, targetRequest.atNs);
      if (killed !== undefined) return { node: targetRequest.node, killed };
    }
    return { node: targetRequest.node, found, targets };
  }
}

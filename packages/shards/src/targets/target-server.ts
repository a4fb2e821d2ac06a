import type { PageRequest, PageResult, TargetAnswer, TargetRequest } from "@memhp/hotplug";
import type { RoundPlan } from "./target-plan.ts";

/** Answers requests for targets, in the order in which they come. */
export interface TargetServer {
  /** The whole round from counters, where they are enough. */
  plan(targetRequests: readonly TargetRequest[], freePages: (node: number) => readonly number[]): RoundPlan | undefined;
  /** @returns answers to the first of them at least; who has none goes on waiting, and asks again. */
  serve(
    targetRequests: readonly TargetRequest[],
    work: (requests: readonly PageRequest[]) => Promise<PageResult[]>,
  ): Promise<readonly TargetAnswer[]>;
}

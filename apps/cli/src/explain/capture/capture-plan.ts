import type { Host, HostPlan } from "@memhp/capture";
import { type ExplainedGroup, groupBlocks } from "../explained.ts";
import { explainedVerdict } from "./explained-verdict.ts";

interface Goal {
  /** In words: `64G`, `node 1`. */
  readonly about: string;
  /** Bytes. */
  readonly bytes: number;
  readonly blocks: number;
}

/** A plan for a captured host. */
export type CapturePlan =
  | (Omit<Extract<HostPlan, { possible: true }>, "goal"> & { readonly goal: Goal })
  | {
      readonly possible: false;
      readonly goal: Goal;
      /** Blocks that can go before the plan ends. */
      readonly available: number;
      readonly obstacles: readonly ExplainedGroup[];
    };

export function capturePlan(plan: HostPlan, { blockSize }: Host): CapturePlan {
  const goal = { about: plan.goal.about, bytes: plan.goal.count * blockSize, blocks: plan.goal.count };
  if (!plan.possible)
    return {
      possible: false,
      goal,
      available: plan.steps.length,
      obstacles: groupBlocks(plan.obstacles.map(explainedVerdict)),
    };
  return { ...plan, goal };
}

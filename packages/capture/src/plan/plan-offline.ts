import { formatNumberList } from "@memhp/abi";
import type { HostMemory } from "../judge/host-memory.ts";
import { Pass } from "../judge/pass.ts";
import type { Verdict } from "../judge/verdict.ts";
import type { HostRules } from "../rules/host-rules.ts";
import type { HostGoal } from "./goal.ts";

/** One block of a plan, at its turn. */
export interface HostPlanStep {
  readonly block: number;
  readonly node: number | null;
  readonly zone: string | null;
  /** Base pages that have to move by then. */
  readonly pages: number;
  readonly targets: NonNullable<Verdict["targets"]>;
  readonly command: string;
  /** What may come between; absent where nothing in the files speaks against it. */
  readonly risk?: string;
}

/** Which blocks to take offline, in which order, and what stands in the way of more. */
export type HostPlan =
  | {
      readonly possible: true;
      readonly goal: HostGoal;
      /** In this order. */
      readonly steps: readonly HostPlanStep[];
      /** Base pages that move. */
      readonly pages: number;
      /** The same as calls of chmem, in this order. */
      readonly commands: readonly string[];
    }
  | {
      readonly possible: false;
      readonly goal: HostGoal;
      /** Steps that would go before the plan ends. */
      readonly steps: readonly HostPlanStep[];
      /** Blocks that stay, with what would come of each. */
      readonly obstacles: readonly Verdict[];
    };

/**
 * The order of blocks that reaches a goal: at each step the block from which the fewest pages move and that would go, judged with
 * what the steps before it moved. Of equal ones the highest goes first, as with chmem.
 */
export function planHostOffline(memory: HostMemory, rules: HostRules, goal: HostGoal): HostPlan {
  const pass = new Pass(memory, rules);
  const candidates = new Set(goal.blocks ?? pass.blocks);
  const obstacles = new Map<number, Verdict>();
  for (const block of candidates) {
    const verdict = pass.judge(block);
    if (verdict.answer === "goes_offline" || verdict.answer === "never_ends") continue;
    if (verdict.answer !== "is_offline") obstacles.set(block, verdict);
    candidates.delete(block);
  }
  const steps: HostPlanStep[] = [];
  while (steps.length < goal.count) {
    const step = cheapest(pass, candidates, obstacles);
    if (step === undefined) break;
    candidates.delete(step.block);
    pass.leave(step.block, false);
    steps.push(step);
  }
  sortIdle(steps);
  if (steps.length < goal.count) return { possible: false, goal, steps, obstacles: [...obstacles.values()] };
  return {
    possible: true,
    goal,
    steps,
    pages: steps.reduce((sum, { pages }) => sum + pages, 0),
    commands: chmemCommands(steps.map(({ block }) => block)),
  };
}

/** Steps that move nothing come first and in any order: ascending, so that chmem takes them at once. */
function sortIdle(steps: HostPlanStep[]): void {
  const first = steps.findIndex(({ pages }) => pages > 0);
  const idle = steps.splice(0, first === -1 ? steps.length : first);
  steps.unshift(...idle.sort((a, b) => a.block - b.block));
}

/** One that would not end may go later, when others have freed what it needs; so it is asked again. */
function cheapest(
  pass: Pass,
  candidates: ReadonlySet<number>,
  obstacles: Map<number, Verdict>,
): HostPlanStep | undefined {
  const byCost = [...candidates].map((block) => [block, pass.cost(block)] as const);
  byCost.sort(([a, costA], [b, costB]) => costA - costB || b - a);
  for (const [block, pages] of byCost) {
    const verdict = pass.judge(block);
    if (verdict.answer !== "goes_offline") {
      obstacles.set(block, verdict);
      continue;
    }
    obstacles.delete(block);
    const { node, zone, targets = [], note } = verdict;
    const command = `echo offline > /sys/devices/system/memory/memory${block}/state`;
    return { block, node, zone, pages, targets, command, ...(note === undefined ? {} : { risk: note }) };
  }
  return undefined;
}

/** chmem takes the blocks of a range in ascending order, so a call covers a stretch of the plan that ascends or is one block. */
function chmemCommands(blocks: readonly number[]): string[] {
  const stretches: number[][] = [];
  for (const block of blocks) {
    const last = stretches.at(-1);
    if (last !== undefined && block === (last.at(-1) as number) + 1) last.push(block);
    else stretches.push([block]);
  }
  return stretches.map((stretch) => `chmem -d -b ${formatNumberList(stretch)}`);
}

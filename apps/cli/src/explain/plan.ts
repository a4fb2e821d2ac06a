import { ParseError } from "@memhp/abi";
import { type Machine, type OfflinePlan, planMachineOffline, type PlanStep, readGoal } from "@memhp/machine";
import { retold, UsageError } from "../errors.ts";
import { type ExplainedGroup, groupBlocks } from "./explained.ts";

/** What a plan is asked to free. */
interface Goal {
  readonly dimm?: string;
  /** Bytes asked for; what is freed is a multiple of the block size. */
  readonly bytes: number;
  readonly blocks: number;
}

/** A plan, or what stands in its way. */
export type ExplainedPlan =
  | {
      readonly possible: true;
      readonly goal: Goal;
      /** In this order. */
      readonly steps: readonly PlanStep[];
      /** Base pages that move, and as many where pages may land in a block that goes later. */
      readonly pages: number;
      readonly pages_at_most: number;
      /** What came of it on the simulated machine. */
      readonly carried_out: { readonly offlined: number; readonly pages: number };
    }
  | {
      readonly possible: false;
      readonly goal: Goal;
      /** Blocks that can go at all. */
      readonly available: number;
      readonly obstacles: readonly ExplainedGroup[];
    };

/** Plans, and carries the plan out on the machine, which changes it. @throws UsageError */
export async function explainPlan(text: string, machine: Machine): Promise<ExplainedPlan> {
  const { planned, ...goal } = retold(() => readGoal(text, machine), ParseError, UsageError, "--plan: ");
  const plan = await planMachineOffline(machine, planned);
  if (!plan.ok) return { possible: false, goal, available: plan.possible, obstacles: obstaclesOf(plan) };
  const { steps, pages, atMostPages } = plan;
  return {
    possible: true,
    goal,
    steps,
    pages,
    pages_at_most: atMostPages,
    carried_out: await carryOut(machine, steps),
  };
}

function obstaclesOf({ refusals }: Extract<OfflinePlan, { ok: false }>): ExplainedGroup[] {
  return groupBlocks(
    refusals.map((refusal) => ({
      block: refusal.block ?? 0,
      node: refusal.node ?? null,
      zone: refusal.zone ?? null,
      answer: "refused",
      refusal,
    })),
  );
}

/** Longer than any kernel tries by itself. */
const PATIENCE_NS = 300e9;

async function carryOut(machine: Machine, steps: readonly PlanStep[]): Promise<{ offlined: number; pages: number }> {
  const migrated = (): number => machine.pages.migratedPages;
  const before = migrated();
  let offlined = 0;
  for (const { block } of steps) {
    const result = await machine.offline(block, { signalAtNs: machine.nowNs + PATIENCE_NS });
    if (!result.ok) break;
    offlined++;
  }
  return { offlined, pages: migrated() - before };
}

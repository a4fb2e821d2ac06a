import { ParseError, parseSize } from "@memhp/abi";
import { type Machine, type OfflinePlan, planMachineOffline, type PlanGoal, type PlanStep } from "@memhp/machine";
import { UsageError } from "../errors.ts";
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

interface NamedGoal {
  readonly goal: Goal;
  readonly planned: PlanGoal;
}

/** A DIMM of that name, or a size. @throws UsageError */
function readGoal(text: string, machine: Machine): NamedGoal {
  const plugged = machine.pluggedMemory();
  const dimm = plugged.find(({ id }) => id === text);
  if (dimm !== undefined) {
    const blocks = machine.blocksOf({ start: dimm.addr, size: dimm.sizeBytes });
    return { goal: { dimm: text, bytes: dimm.sizeBytes, blocks: blocks.length }, planned: { blocks } };
  }
  const bytes = sizeOf(text);
  if (bytes === undefined || bytes === 0) {
    const known = plugged.map(({ id }) => id).join(", ");
    throw new UsageError(
      `--plan: ${JSON.stringify(text)} is no size such as 4G and no DIMM (DIMMs: ${known || "none"})`,
    );
  }
  const count = Math.ceil(bytes / machine.board.blockSizeBytes);
  return { goal: { bytes, blocks: count }, planned: { count } };
}

function sizeOf(text: string): number | undefined {
  try {
    return parseSize(text);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** Plans, and carries the plan out on the machine, which changes it. @throws UsageError */
export async function explainPlan(text: string, machine: Machine): Promise<ExplainedPlan> {
  const { goal, planned } = readGoal(text, machine);
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

function obstaclesOf({ obstacles }: Extract<OfflinePlan, { ok: false }>): ExplainedGroup[] {
  return groupBlocks(
    obstacles.map((refusal) => ({
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
  const migrated = (): number =>
    [...machine.core.pages.values()].reduce((sum, { migrateSuccess }) => sum + migrateSuccess, 0);
  const before = migrated();
  let offlined = 0;
  for (const { block } of steps) {
    const result = await machine.offline(block, { signalAtNs: machine.nowNs + PATIENCE_NS });
    if (!result.ok) break;
    offlined++;
  }
  return { offlined, pages: migrated() - before };
}

import { groupBy, type Refusal, ZONE_MOVABLE, ZONE_NORMAL, zoneName } from "@memhp/abi";
import type { TargetPages } from "@memhp/hotplug";
import { type LeavingBlock, type RoomSource, PlannedFreeMemory } from "./planned-free-memory.ts";

/** An online block as the planner sees it; one with a refusal cannot be part of a plan. */
export interface PlanBlock extends LeavingBlock {
  readonly refusal?: Refusal;
}

/** What a plan is made of: the blocks, and the room for their pages. */
export interface PlanInput extends RoomSource {
  readonly blockPages: number;
  readonly blocks: readonly PlanBlock[];
}

/** What a plan is to reach: so many blocks, whichever they are, or certain ones. */
export type PlanGoal = { readonly count: number } | { readonly blocks: readonly number[] };

/** One block of a plan, at its turn. */
export interface PlanStep {
  readonly block: number;
  readonly node: number;
  /** Base pages that have to move. */
  readonly pages: number;
  /** Where they go. */
  readonly targets: readonly TargetPages[];
}

/** Which blocks would go offline, in which order, and how many pages would move. */
export type OfflinePlan =
  | {
      readonly ok: true;
      readonly steps: readonly PlanStep[];
      /** Base pages that move, all steps together. */
      readonly pages: number;
      /** As many where pages may land in a block that goes later, and then move once more. */
      readonly atMostPages: number;
    }
  | {
      readonly ok: false;
      /** What stands in the way, one for each block that cannot go. */
      readonly refusals: readonly Refusal[];
      readonly wanted: number;
      readonly possible: number;
    };

/**
 * The order of blocks that reaches a goal with the fewest pages to move. Each block takes its free pages away
 * from those after it, so a set counts only if all of it fits.
 */
export function planOffline(input: PlanInput, goal: PlanGoal): OfflinePlan {
  if ("blocks" in goal) return planAll(input, goal.blocks);
  const possible = input.blocks.filter(isPossible);
  if (possible.length < goal.count) {
    const refusals = input.blocks.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
    return { ok: false, refusals, wanted: goal.count, possible: possible.length };
  }
  return cheapestFit(input, possible, goal.count);
}

function planAll(input: PlanInput, blocks: readonly number[]): OfflinePlan {
  const chosen = input.blocks.filter(({ block }) => blocks.includes(block));
  const possible = chosen.filter(isPossible);
  if (possible.length < chosen.length) {
    const refusals = chosen.flatMap((each) => (isPossible(each) ? [] : [each.refusal as Refusal]));
    return { ok: false, refusals, wanted: chosen.length, possible: possible.length };
  }
  const { plan, refusal } = bestOrder(input, chosen);
  return plan ?? noFit(chosen.length, chosen.length, refusal);
}

/** Whether a node keeps Normal memory depends on what goes before (facts §4.1 step 3): that is seen along the plan. */
function isPossible({ refusal }: PlanBlock): boolean {
  return refusal === undefined || refusal.code === "last_normal_memory";
}

function noFit(wanted: number, possible: number, refusal: Refusal | undefined): OfflinePlan {
  return { ok: false, refusals: refusal === undefined ? [] : [refusal], wanted, possible };
}

/** Looks at sets of blocks from the cheapest upwards, until no dearer one can move fewer pages. */
function cheapestFit(input: PlanInput, possible: readonly PlanBlock[], count: number): OfflinePlan {
  let best: Extract<OfflinePlan, { ok: true }> | undefined;
  let why: Refusal | undefined;
  for (const set of setsByCost(possible, count)) {
    const cost = set.reduce((sum, { use }) => sum + use.movable, 0);
    if (best !== undefined && cost >= best.atMostPages) break;
    const { plan, refusal } = bestOrder(input, set);
    why ??= refusal;
    if (plan !== undefined && (best === undefined || plan.atMostPages < best.atMostPages)) best = plan;
  }
  return best ?? noFit(count, possible.length, why);
}

/** Blocks that a plan cannot tell from each other. */
interface Alike {
  readonly cost: number;
  readonly blocks: readonly PlanBlock[];
}

function alikeBlocks(blocks: readonly PlanBlock[]): Alike[] {
  return [...groupBy(blocks, ({ node, zone, use }) => JSON.stringify([node, zone, use])).values()]
    .map((group) => ({ cost: (group[0] as PlanBlock).use.movable, blocks: group.sort((a, b) => b.block - a.block) }))
    .sort((a, b) => a.cost - b.cost || (b.blocks[0] as PlanBlock).block - (a.blocks[0] as PlanBlock).block);
}

/** Sets that are looked at before the planner gives up; fewer where blocks are of many kinds. */
function mostSets(kinds: number): number {
  return Math.max(20, Math.min(2000, Math.floor(2e6 / kinds)));
}

/**
 * Sets of `count` blocks by what they cost together, cheapest first. From the cheapest one, exchanging a block for
 * one of the next dearer kind leads to every other, and never to a cheaper one.
 */
function* setsByCost(blocks: readonly PlanBlock[], count: number): IterableIterator<PlanBlock[]> {
  const kinds = alikeBlocks(blocks);
  let left = count;
  const cheapest = kinds.map((kind) => {
    const taken = Math.min(left, kind.blocks.length);
    left -= taken;
    return taken;
  });
  const costOf = (taken: readonly number[]): number =>
    taken.reduce((sum, number, i) => sum + number * (kinds[i] as Alike).cost, 0);
  const waiting = [{ taken: cheapest, cost: costOf(cheapest) }];
  const known = new Set([cheapest.join()]);
  for (let looked = mostSets(kinds.length); looked > 0 && waiting.length > 0; looked--) {
    const at = waiting.reduce((best, set, i) => (set.cost < (waiting[best] as typeof set).cost ? i : best), 0);
    const [{ taken, cost }] = waiting.splice(at, 1) as [(typeof waiting)[number]];
    yield taken.flatMap((number, i) => (kinds[i] as Alike).blocks.slice(0, number));
    for (let i = 0; i + 1 < kinds.length; i++) {
      const [here, next] = [taken[i] as number, taken[i + 1] as number];
      if (here === 0 || next === (kinds[i + 1] as Alike).blocks.length) continue;
      const exchanged = taken.with(i, here - 1).with(i + 1, next + 1);
      if (known.has(exchanged.join())) continue;
      known.add(exchanged.join());
      waiting.push({ taken: exchanged, cost: cost + (kinds[i + 1] as Alike).cost - (kinds[i] as Alike).cost });
    }
  }
}

interface Tried {
  readonly plan?: Extract<OfflinePlan, { ok: true }>;
  readonly refusal?: Refusal;
}

/** Tries a few orders of a set; the best is the one in which the fewest pages can move twice. */
function bestOrder(input: PlanInput, set: readonly PlanBlock[]): Tried {
  let best: Tried = {};
  for (const order of orders(set)) {
    const tried = carryOut(input, order);
    if (tried.plan === undefined) {
      if (best.plan === undefined) best = { refusal: best.refusal ?? (tried.refusal as Refusal) };
      continue;
    }
    if (best.plan === undefined || tried.plan.atMostPages < best.plan.atMostPages) best = tried;
    if (tried.plan.atMostPages === tried.plan.pages) break;
  }
  return best;
}

/**
 * Blocks without anything to move first: nothing can land in them any more. Then the emptier ones; or node by
 * node, upwards or downwards, so that pages leave for nodes that have given their blocks already.
 */
function orders(set: readonly PlanBlock[]): PlanBlock[][] {
  const isNormal = ({ zone }: PlanBlock): number => Number(zone !== ZONE_MOVABLE);
  const moves = ({ use }: PlanBlock): number => Number(use.movable > 0);
  const byCost = (a: PlanBlock, b: PlanBlock): number => a.use.movable - b.use.movable || b.block - a.block;
  const sorted = (compare: (a: PlanBlock, b: PlanBlock) => number): PlanBlock[] =>
    [...set].sort((a, b) => moves(a) - moves(b) || compare(a, b) || byCost(a, b));
  return [
    sorted(byCost),
    // 4.1 moves everything to kernel zones, so these go before anything lands there.
    sorted((a, b) => isNormal(b) - isNormal(a)),
    sorted((a, b) => isNormal(a) - isNormal(b)),
    sorted((a, b) => a.node - b.node),
    sorted((a, b) => b.node - a.node),
  ];
}

/** Goes through a plan in numbers. */
function carryOut(input: PlanInput, order: readonly PlanBlock[]): Tried {
  const room = new PlannedFreeMemory(input);
  const steps: PlanStep[] = [];
  let pages = 0;
  let twice = 0;
  for (const block of order) {
    const lastNormal = keepsNormalMemory(input, room, block) ? undefined : block.refusal;
    if (lastNormal !== undefined) return { refusal: lastNormal };
    // What landed in its zone may have landed in this block, as far as it has room.
    const again = Math.min(block.use.free, room.landedPages(block.node, block.zone));
    twice += again;
    if (again > 0) room.landAgain(block, again);
    const { targets, missingPages } = room.take(block, input.blockPages);
    if (missingPages > 0) return { refusal: noRoom(block, missingPages) };
    pages += block.use.movable;
    steps.push({ block: block.block, node: block.node, pages: block.use.movable, targets });
  }
  return { plan: { ok: true, steps, pages, atMostPages: pages + twice } };
}

/** can_offline_normal, at the moment in which the block's turn comes (facts §4.1 step 3). */
function keepsNormalMemory(
  { blockPages }: PlanInput,
  room: PlannedFreeMemory,
  { node, zone, refusal }: PlanBlock,
): boolean {
  if (refusal?.code !== "last_normal_memory" || zone === ZONE_MOVABLE) return true;
  const { zones } = room.memory(node);
  const normal = zones.reduce((sum, each) => sum + (each.index <= ZONE_NORMAL ? each.presentPages : 0), 0);
  return normal > blockPages || zones[ZONE_MOVABLE].presentPages === 0;
}

/** Why the pages of a block do not fit anywhere else. */
export function noRoom({ block, node, zone, use }: LeavingBlock, missingPages: number): Refusal {
  return {
    errno: "ENOMEM",
    code: "no_target_memory",
    rule: "facts §4.4: no allowed zone has a free target page",
    block,
    node,
    zone: zoneName(zone),
    retry: "maybe",
    remedy: ["free or online memory where the pages may go", "end a program that holds much of it"],
    detail: `${missingPages} of ${use.movable} pages find no room`,
  };
}

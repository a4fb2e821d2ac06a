import { type Refusal, type ZoneIndex, type ZoneName, zoneName } from "@memhp/abi";
import { BlockState, type BlockUse, MIXED_ZONES, NO_ZONE, refuseOnline } from "@memhp/engine";
import type { BlockSurvey, TargetPages } from "@memhp/hotplug";
import { checkGoal, checkOutlook } from "../doors/plan-checks.ts";
import { internalsOf, type Machine } from "../machine.ts";
import { noRoom, type OfflinePlan, type PlanBlock, type PlanGoal, planOffline } from "./offline-plan.ts";
import { type LeavingBlock, type Move, type RoomSource, PlannedFreeMemory } from "./planned-free-memory.ts";

/**
 * How an offline of a block would end: it goes, it has gone already, it is refused, it never ends by itself
 * (6.x), or it goes after the OOM killer has ended programs (4.1).
 */
export type OutlookAnswer = "goes_offline" | "is_offline" | "refused" | "never_ends" | "kills_programs";

/** What would become of one block. Nothing was tried. */
export interface BlockOutlook {
  readonly block: number;
  readonly node: number;
  /** Absent for a block that no single zone holds. */
  readonly zone?: ZoneName;
  readonly answer: OutlookAnswer;
  /** What stands in the way; for a block that is offline, what keeps it from going online. */
  readonly refusal?: Refusal;
  /** Base pages by what an offline would do with them. */
  readonly use?: BlockUse;
  /** Where its pages would go. */
  readonly targets?: readonly TargetPages[];
}

function roomSource(machine: Machine): RoomSource {
  const { kernel, map, pages } = machine;
  return { kernel, map, pages: internalsOf(machine).shards.pages, taskNode: pages.taskNode, distance: pages.distance };
}

function zoneIn({ map }: Machine, block: number): ZoneIndex | undefined {
  const zone = map.blocks.zone(block);
  return zone === MIXED_ZONES || zone === NO_ZONE ? undefined : (zone as ZoneIndex);
}

/** Says of blocks how an offline of each alone would end, in the order given. @throws RangeError, TypeError */
export async function offlineOutlook(machine: Machine, blocks: readonly number[]): Promise<BlockOutlook[]> {
  checkOutlook(blocks, machine.map);
  const { blocks: rows } = machine.map;
  const isOffline = (block: number): boolean => rows.state(block) === BlockState.offline;
  const surveys = await machine.pages.survey(blocks.filter((block) => !isOffline(block)));
  const surveyOf = new Map(surveys.map((survey) => [survey.block, survey]));
  const move = movesAlone(machine);
  return blocks.map((block) => {
    const survey = surveyOf.get(block);
    return survey === undefined ? offlineAlready(machine, block) : outlookOf(machine, survey, move);
  });
}

/** A block that is offline; sections that it lacks, or poison in it, would keep it so. */
function offlineAlready(machine: Machine, block: number): BlockOutlook {
  const refusal = refuseOnline(machine.map, block);
  const at = { block, node: machine.map.blocks.node(block), answer: "is_offline" as const };
  return refusal === undefined ? at : { ...at, refusal };
}

/** Where the pages of one block would go. Blocks of one zone that are used alike go the same way, each alone. */
function movesAlone(machine: Machine): (leaving: LeavingBlock) => Move {
  const known = new Map<string, Move>();
  return (leaving) => {
    const key = `${leaving.node}/${leaving.zone}/${JSON.stringify(leaving.use)}`;
    let move = known.get(key);
    if (move === undefined) {
      move = new PlannedFreeMemory(roomSource(machine)).take(leaving, machine.map.blockPages);
      known.set(key, move);
    }
    return move;
  };
}

function outlookOf(machine: Machine, survey: BlockSurvey, moveOf: (leaving: LeavingBlock) => Move): BlockOutlook {
  const { block, use, refusal } = survey;
  const zone = zoneIn(machine, block);
  const node = machine.map.blocks.node(block);
  const at = {
    block,
    node,
    ...(zone === undefined ? {} : { zone: zoneName(zone) }),
    ...(use === undefined ? {} : { use }),
  };
  if (refusal !== undefined) return { ...at, answer: refusal.errno === "EINTR" ? "never_ends" : "refused", refusal };
  if (use === undefined || zone === undefined || use.movable === 0) return { ...at, answer: "goes_offline" };
  const leaving: LeavingBlock = { block, node, zone, use };
  const move = moveOf(leaving);
  if (move.missingPages === 0) return { ...at, answer: "goes_offline", targets: move.targets };
  return { ...at, ...withoutRoom(machine, leaving, move) };
}

/** 6.x tries for ever; 4.1 ends programs while there are any, then gives up at the fifth round (facts §4.1 step 9, §4.2 step 9). */
function withoutRoom(
  machine: Machine,
  leaving: LeavingBlock,
  { missingPages, missingInHugepages }: Move,
): Pick<BlockOutlook, "answer" | "refusal"> {
  const refusal = noRoom(leaving, missingPages);
  if (machine.kernel.pages.offlineRetries === "until-signal") {
    const rule = "facts §4.2 step 9: there is no timeout, only a signal ends the attempt";
    return { answer: "never_ends", refusal: { ...refusal, errno: "EINTR", rule } };
  }
  const victim = machine.pages.loads.largestProcess();
  if (victim === undefined || missingPages === missingInHugepages) return { answer: "refused", refusal };
  const detail = `${refusal.detail}, and the OOM killer would end load ${victim.id} to make some`;
  return { answer: "kills_programs", refusal: { ...refusal, detail } };
}

/** Plans how to free so many blocks, or certain ones, with the fewest pages to move. @throws RangeError, TypeError */
export async function planMachineOffline(machine: Machine, goal: PlanGoal): Promise<OfflinePlan> {
  checkGoal(goal, machine.map);
  const { map } = machine;
  const online = [...map.blocks.ids()].filter((block) => map.blocks.state(block) !== BlockState.offline);
  const wanted = "blocks" in goal ? online.filter((block) => goal.blocks.includes(block)) : online;
  const surveys = await machine.pages.survey(wanted);
  const blocks = surveys.map(({ block, use, refusal }): PlanBlock => ({
    block,
    node: map.blocks.node(block),
    zone: zoneIn(machine, block) ?? 0,
    use: use ?? nothing,
    ...(refusal === undefined ? {} : { refusal }),
  }));
  return planOffline({ ...roomSource(machine), blockPages: map.blockPages, blocks }, goal);
}

const nothing: BlockUse = { free: 0, movable: 0, cache: 0, pinned: 0, dissolved: 0, fixed: 0, hugepages: [] };

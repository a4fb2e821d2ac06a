import type { Refusal, ZoneIndex } from "@memhp/abi";
import type { BlockStep } from "@memhp/block";
import {
  accountOffline,
  beginMigration,
  dissolveHugepages,
  endMigration,
  isolateBlock,
  isWaiting,
  foliosWaiting,
  type MigrateOutcome,
  type Migration,
  nodeOf,
  refuseBeforeIsolation,
  refuseUnlessIsolated,
  scanMovable,
  settleMigration,
  undoIsolation,
  withdrawBlock,
  withheldOf,
} from "@memhp/engine";
import { masksAfterOffline, offlineStatusChange } from "@memhp/notifier";
import { ifSent, tell, tellAll, tellNode, veto } from "./notify-steps.ts";
import {
  AGAIN,
  answerOf,
  type BlockOperation,
  DONE,
  emitZone,
  failed,
  type Step,
  type StepAnswer,
  type StepContext,
  type StepResult,
  setMasks,
  storeOf,
  syncManaged,
  onAnswer,
  uevent,
  zoneOf,
} from "./step-context.ts";
import { unbind } from "./unbind.ts";

type OfflineStep = Extract<
  BlockStep,
  "check" | "isolate" | "notify_going_offline" | "migrate" | "dissolve" | "verify" | "withdraw" | "cancel_offline"
>;

/** offline_pages, step by step (facts §4). */
export const offlineSteps: Readonly<Record<OfflineStep, Step>> = {
  check: ({ map }, op) => answerOf(refuseBeforeIsolation(map, op.block)),

  isolate(context, op) {
    const { map, kernel } = context;
    const refusal = isolateBlock(storeOf(context, op.block), op.block);
    if (refusal !== undefined) return failed(refusal);
    op.isolated = true;
    const node = nodeOf(map, map.blocks.node(op.block));
    op.status = offlineStatusChange({
      kernel,
      nid: node.id,
      zone: map.blocks.zone(op.block) as ZoneIndex,
      nrPages: map.blocks.presentPages(op.block),
      presentPages: node.zones.map((zone) => zone.presentPages),
    });
    return DONE;
  },

  notify_going_offline: (context, op) =>
    onAnswer(tellNode(context, op, "NODE_REMOVING_LAST_MEMORY"), () =>
      onAnswer(tell(context, op, "MEM_GOING_OFFLINE", op.status), (outcome) =>
        veto(context, op, "MEM_GOING_OFFLINE", outcome),
      ),
    ),

  migrate(context, op) {
    op.migratingSinceNs ??= context.atNs;
    const given = givenUp(context, op);
    if (given !== undefined) return failed(given);
    const store = storeOf(context, op.block);
    const scan = scanMovable(store, op.block);
    if (scan.found === "nothing") return DONE;
    if (scan.found === "unmovable") return failed(scan.refusal);
    const begun = beginMigration(store, op.block, scan.pfn);
    return "result" in begun ? endRound(context, op, begun) : goOn(context, op, begun);
  },

  dissolve: (context, op) => answerOf(dissolveHugepages(storeOf(context, op.block), op.block)),

  verify(context, op) {
    const refusal = refuseUnlessIsolated(storeOf(context, op.block), op.block);
    if (refusal === undefined) return DONE;
    // 4.1 has no second try here; 6.x starts over, for as long as it takes (facts §4.1 step 11, §4.2 step 9).
    if (isBounded(context)) return failed(refusal);
    op.obstacle = refusal;
    if (op.movedSinceCheck === 0) op.idleUntilNs = op.signalAtNs;
    op.movedSinceCheck = 0;
    return AGAIN;
  },

  withdraw(context, op) {
    const { map } = context;
    const index = map.blocks.zone(op.block) as ZoneIndex;
    const node = nodeOf(map, map.blocks.node(op.block));
    accountOffline(map, op.block, index);
    const withheld = withheldOf(storeOf(context, op.block), op.block);
    if (withheld.length > 0) map.withheld.set(op.block, withheld);
    withdrawBlock(storeOf(context, op.block), op.block);
    syncManaged(context, node, index);
    setMasks(context, node, masksAfterOffline, op.status);
    const told = onAnswer(tellNode(context, op, "NODE_REMOVED_LAST_MEMORY"), () =>
      tellAll(context, op, [["MEM_OFFLINE", op.status], ...ifSent(context, "MEM_FINISH_OFFLINE")]),
    );
    return onAnswer(told, (answer) => {
      if (map.kernel.zones.spansShrink === "on-offline") unbind(context, op.block);
      else emitZone(context, node, index);
      uevent(context, op.block, "offline");
      return answer;
    });
  },

  /** 4.1 tells first and un-isolates then, 6.x the other way round (facts §4.1 step 5, §4.2). */
  cancel_offline(context, op) {
    const unisolateFirst = context.kernel.hotplug.cancelOffline === "unisolate-then-cancel";
    if (unisolateFirst) unisolate(context, op);
    const told = onAnswer(tellAll(context, op, [["MEM_CANCEL_OFFLINE", op.status]]), (answer) =>
      onAnswer(tellNode(context, op, "NODE_CANCEL_REMOVING_LAST_MEMORY"), () => answer),
    );
    return onAnswer(told, (answer) => {
      if (!unisolateFirst) unisolate(context, op);
      return answer;
    });
  },
};

function isBounded({ map }: StepContext): boolean {
  return map.kernel.pages.offlineRetries === "bounded";
}

function unisolate(context: StepContext, op: BlockOperation): void {
  if (op.isolated === true) undoIsolation(storeOf(context, op.block), op.block);
  op.isolated = false;
}

/** 4.1 gives up after 120 s; a signal ends every kernel's attempt (facts §4.1 steps 6 and 7, §4.2 step 9). */
function givenUp(context: StepContext, op: BlockOperation): Refusal | undefined {
  const { map, atNs, costs } = context;
  const deadlineNs = (op.migratingSinceNs ?? atNs) + costs.offlineTimeout;
  const { obstacle } = op;
  const why = obstacle === undefined ? "pages kept arriving" : (obstacle.detail ?? obstacle.rule);
  const at = {
    block: op.block,
    node: map.blocks.node(op.block),
    ...zoneOf(map, op.block),
    ...(obstacle?.pages === undefined ? {} : { pages: obstacle.pages }),
    ...(obstacle?.total === undefined ? {} : { total: obstacle.total }),
    remedy: obstacle?.remedy ?? ["try again when the memory is used less"],
  };
  if (isBounded(context) && atNs >= deadlineNs) {
    const rule = "facts §4.1 step 6: 4.1 gives up after 120 s";
    return { ...at, errno: "EAGAIN", code: "timeout", rule, retry: "maybe", detail: `for 120 s: ${why}` };
  }
  if (atNs < op.signalAtNs) return undefined;
  const rule = isBounded(context)
    ? "facts §4.1 step 7: a pending signal ends the offline"
    : "facts §4.2 step 9: only a signal ends the attempt, there is no timeout";
  const isOwn = op.signalAtNs === op.patienceEndNs;
  const own = isOwn ? "; nobody sent one, so whoever waited did after 120 s" : "";
  const until = isOwn ? "until whoever waited lost patience" : "until the signal";
  return {
    ...at,
    errno: "EINTR",
    code: "signal",
    rule: `${rule}${own}`,
    retry: "maybe",
    detail: `${until}: ${why}`,
  };
}

/** The pages that left the LRU want targets; which node gives them is the machine's to say. */
function goOn(context: StepContext, op: BlockOperation, migration: Migration): StepResult {
  const store = storeOf(context, op.block);
  if (!isWaiting(migration)) return endRound(context, op, endMigration(store, migration));
  const node = context.map.blocks.node(op.block);
  const zone = context.map.blocks.zone(op.block) as ZoneIndex;
  return {
    targetRequest: { node, atNs: context.atNs, block: op.block, zone, folios: foliosWaiting(store, migration) },
    resume(found, targets) {
      settleMigration(store, migration, found);
      for (const target of targets) {
        context.log.emit(context.atNs, node, {
          type: "migrate",
          block: op.block,
          pages: target.pages,
          targetNode: target.node,
        });
      }
      return goOn(context, op, migration);
    },
    restart: () => AGAIN,
  };
}

/** 4.1: the fifth negative result ends it; what stays without one is tried until time is up (facts §4.1 step 9). */
const MOST_FAILED_ROUNDS = 5;

function endRound(context: StepContext, op: BlockOperation, outcome: MigrateOutcome): StepAnswer {
  op.extraNs += outcome.migratedPages * context.costs.migratePage;
  op.movedPages += outcome.migratedPages;
  op.movedSinceCheck += outcome.migratedPages;
  if (outcome.refusal !== undefined) op.obstacle = outcome.refusal;
  if (outcome.result === "error" && isBounded(context) && ++op.failedRounds >= MOST_FAILED_ROUNDS)
    return failed(outcome.refusal as Refusal);
  // Nothing moved: the next round finds the same pages, until time is up or somebody does something.
  if (outcome.migratedPages === 0 && (!isBounded(context) || outcome.result === "left")) {
    const timeoutNs = isBounded(context)
      ? (op.migratingSinceNs as number) + context.costs.offlineTimeout
      : Number.POSITIVE_INFINITY;
    op.idleUntilNs = Math.min(op.signalAtNs, timeoutNs);
  }
  return AGAIN;
}

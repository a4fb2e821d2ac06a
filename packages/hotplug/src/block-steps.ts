import {
  type MemoryAction,
  type MemoryNotify,
  type OnlineType,
  type Refusal,
  type Result,
  type ZoneIndex,
  done,
  refused,
  zoneName,
} from "@memhp/abi";
import type { BlockEvent, BlockStep } from "@memhp/block";
import {
  accountOffline,
  accountOnline,
  bindZoneForOnline41,
  blockStartPfn,
  growSpansForOnline,
  type MemoryMap,
  type NodeMemory,
  NO_ZONE,
  nodeOf,
  type PolicyInput,
  refuseBeforeIsolation,
  refuseIsolation,
  refuseOnline6,
  refuseVerification,
  shrinkSpansForOffline,
  zoneForOnline6,
} from "@memhp/engine";
import {
  masksAfterOffline,
  masksAfterOnline,
  type MemoryNotifier,
  type NotifierOutcome,
  offlineStatusChange,
  onlineStatusChange,
  type StatusChange,
  unsetStatusChange,
} from "@memhp/notifier";
import type { EventLog } from "./event-log.ts";

/** What a step needs to see and touch. */
export interface StepContext {
  readonly map: MemoryMap;
  readonly chain: MemoryNotifier;
  readonly log: EventLog;
  readonly policy: PolicyInput;
  /** Simulated time at which the step begins. */
  readonly atNs: number;
}

/** One online or offline under way. */
export interface BlockOperation {
  readonly block: number;
  readonly type: OnlineType;
  status: StatusChange;
  /** A callback vetoed MEM_PREPARE_ONLINE, so nobody heard MEM_GOING_ONLINE. */
  unprepared?: boolean;
}

/** What a step came to. */
export type StepAnswer = Extract<BlockEvent, { type: "DONE" | "AGAIN" | "FAILED" }>;
type Step = (context: StepContext, op: BlockOperation) => StepAnswer | Promise<StepAnswer>;

const DONE: StepAnswer = { type: "DONE" };
const failed = (refusal: Refusal): StepAnswer => ({ type: "FAILED", refusal });
const answerOf = (refusal: Refusal | undefined): StepAnswer => (refusal === undefined ? DONE : failed(refusal));

/** The range that callbacks are told: without the pages that hold the block's own memmap (observed-6 §4). */
function notifyRange(map: MemoryMap, block: number): Pick<MemoryNotify, "startPfn" | "nrPages"> {
  const altmap = map.blocks.altmapPages(block);
  return { startPfn: blockStartPfn(map, block) + altmap, nrPages: map.blockPages - altmap };
}

function tell(
  context: StepContext,
  op: BlockOperation,
  action: MemoryAction,
  status: StatusChange,
): NotifierOutcome | Promise<NotifierOutcome> {
  const { map, chain, log } = context;
  const data: MemoryNotify = { ...notifyRange(map, op.block), ...status };
  const node = map.blocks.node(op.block);
  const observer = log.wants.notifier
    ? (call: { name: string; ret: number }) =>
        log.emit(context.atNs, node, { type: "notifier", ...call, action, ...data })
    : undefined;
  return chain.call(action, data, observer);
}

/** Runs `next` on an answer that may still be on its way; stays synchronous where it is not. */
function then<A, B>(answer: A | Promise<A>, use: (answer: A) => B | Promise<B>): B | Promise<B> {
  return answer instanceof Promise ? answer.then((settled) => use(settled)) : use(answer);
}

type Call = readonly [MemoryAction, StatusChange];

function tellAll(context: StepContext, op: BlockOperation, calls: readonly Call[]): StepAnswer | Promise<StepAnswer> {
  const [first, ...rest] = calls;
  if (first === undefined) return DONE;
  return then(tell(context, op, first[0], first[1]), () => tellAll(context, op, rest));
}

function ifSent(map: MemoryMap, action: MemoryAction): readonly Call[] {
  return map.profile.extraActions.includes(action) ? [[action, unsetStatusChange]] : [];
}

function veto(context: StepContext, op: BlockOperation, action: MemoryAction, outcome: NotifierOutcome): StepAnswer {
  if (outcome.errno === 0) return DONE;
  const { map } = context;
  const name = outcome.vetoedBy ?? "a callback";
  return failed({
    errno: outcome.errno,
    code: "notifier_veto",
    rule: "facts §7: a callback of the memory notifier chain refused",
    block: op.block,
    node: map.blocks.node(op.block),
    ...zoneOf(map, op.block),
    retry: "maybe",
    remedy: [`find out why ${name} refuses ${action}`, "if an error is injected, write 0 to its error file"],
    detail: `${name} answered ${action} with ${outcome.errno}`,
  });
}

/** memory_block_online of 6.12: a veto of the preparation ends the online, and only MEM_FINISH_OFFLINE follows. */
function prepare(context: StepContext, op: BlockOperation): StepAnswer | Promise<StepAnswer> {
  if (!context.map.profile.extraActions.includes("MEM_PREPARE_ONLINE")) return DONE;
  return then(tell(context, op, "MEM_PREPARE_ONLINE", unsetStatusChange), (outcome) =>
    veto(context, op, "MEM_PREPARE_ONLINE", outcome),
  );
}

function zoneOf(map: MemoryMap, block: number): { zone?: ReturnType<typeof zoneName> } {
  const zone = map.blocks.zone(block);
  return zone < NO_ZONE ? { zone: zoneName(zone as ZoneIndex) } : {};
}

function emitZone(context: StepContext, node: NodeMemory, index: ZoneIndex): void {
  if (!context.log.wants.zone) return;
  const { startPfn, spannedPages, presentPages, managedPages } = node.zones[index];
  context.log.emit(context.atNs, node.id, {
    type: "zone",
    zone: zoneName(index),
    startPfn,
    spannedPages,
    presentPages,
    managedPages,
  });
}

function uevent(context: StepContext, block: number, action: string): void {
  context.log.emit(context.atNs, context.map.blocks.node(block), {
    type: "uevent",
    action,
    devpath: `/devices/system/memory/memory${block}`,
    subsystem: "memory",
  });
}

function chooseZone(context: StepContext, op: BlockOperation): Result<ZoneIndex> {
  const { map } = context;
  if (map.profile.zoneBinding === "at-add") return bindZoneForOnline41(map, op.block, op.type);
  const refusal = refuseOnline6(map, op.block);
  if (refusal !== undefined) return refused(refusal);
  const zone = zoneForOnline6(map, op.block, op.type, context.policy);
  map.blocks.setZone(op.block, zone);
  growSpansForOnline(map, op.block, zone);
  return done(zone);
}

/** What each step of the statechart does. The order of the steps is the statechart's. */
export const blockStepActions: Readonly<Record<BlockStep, Step>> = {
  choose_zone(context, op) {
    const { map } = context;
    const chosen = chooseZone(context, op);
    if (!chosen.ok) return failed(chosen.refusal);
    const node = nodeOf(map, map.blocks.node(op.block));
    op.status = onlineStatusChange({
      profile: map.profile,
      nid: node.id,
      zone: chosen.value,
      masks: { normalMemory: node.hasNormalMemory, memory: node.hasMemory },
    });
    return DONE;
  },

  notify_going_online(context, op) {
    return then(prepare(context, op), (prepared) => {
      if (prepared.type === "FAILED") {
        op.unprepared = true;
        return prepared;
      }
      return then(tell(context, op, "MEM_GOING_ONLINE", op.status), (outcome) =>
        veto(context, op, "MEM_GOING_ONLINE", outcome),
      );
    });
  },

  populate(context, op) {
    const { map } = context;
    const zone = map.blocks.zone(op.block) as ZoneIndex;
    const node = nodeOf(map, map.blocks.node(op.block));
    accountOnline(map, op.block, zone);
    const masks = masksAfterOnline(
      map.profile,
      { normalMemory: node.hasNormalMemory, memory: node.hasMemory },
      op.status,
    );
    node.hasNormalMemory = masks.normalMemory;
    node.hasMemory = masks.memory;
    emitZone(context, node, zone);
    return DONE;
  },

  announce_online(context, op) {
    return then(tellAll(context, op, [["MEM_ONLINE", op.status]]), (answer) => {
      uevent(context, op.block, "online");
      return answer;
    });
  },

  cancel_online(context, op) {
    const { map } = context;
    const cancelled: Call[] = op.unprepared === true ? [] : [["MEM_CANCEL_ONLINE", op.status]];
    const told = tellAll(context, op, [...cancelled, ...ifSent(map, "MEM_FINISH_OFFLINE")]);
    return then(told, (answer) => {
      if (!map.profile.failedOnlineKeepsZone) unbind(context, op.block);
      return answer;
    });
  },

  check: ({ map }, op) => answerOf(refuseBeforeIsolation(map, op.block)),

  isolate(context, op) {
    const { map } = context;
    const refusal = refuseIsolation(map, op.block);
    if (refusal !== undefined) return failed(refusal);
    const node = nodeOf(map, map.blocks.node(op.block));
    op.status = offlineStatusChange({
      profile: map.profile,
      nid: node.id,
      zone: map.blocks.zone(op.block) as ZoneIndex,
      nrPages: map.blocks.presentPages(op.block),
      presentPages: node.zones.map((zone) => zone.presentPages),
    });
    return DONE;
  },

  notify_going_offline: (context, op) =>
    then(tell(context, op, "MEM_GOING_OFFLINE", op.status), (outcome) =>
      veto(context, op, "MEM_GOING_OFFLINE", outcome),
    ),

  // Pages are counts for now: none is in use, so nothing has to move.
  migrate: () => DONE,
  dissolve: () => DONE,

  verify: ({ map }, op) => answerOf(refuseVerification(map, op.block)),

  withdraw(context, op) {
    const { map } = context;
    const index = map.blocks.zone(op.block) as ZoneIndex;
    const node = nodeOf(map, map.blocks.node(op.block));
    accountOffline(map, op.block, index);
    const masks = masksAfterOffline(
      map.profile,
      { normalMemory: node.hasNormalMemory, memory: node.hasMemory },
      op.status,
    );
    node.hasNormalMemory = masks.normalMemory;
    node.hasMemory = masks.memory;
    const told = tellAll(context, op, [["MEM_OFFLINE", op.status], ...ifSent(map, "MEM_FINISH_OFFLINE")]);
    return then(told, (answer) => {
      if (map.profile.spansShrink === "on-offline") unbind(context, op.block);
      else emitZone(context, node, index);
      uevent(context, op.block, "offline");
      return answer;
    });
  },

  cancel_offline: (context, op) => tellAll(context, op, [["MEM_CANCEL_OFFLINE", op.status]]),
};

/** 6.x: the block leaves its zone, whose span shrinks. The block's pages are not online any more. */
function unbind(context: StepContext, block: number): void {
  const { map } = context;
  const index = map.blocks.zone(block) as ZoneIndex;
  map.blocks.setZone(block, NO_ZONE);
  shrinkSpansForOffline(map, block, index);
  emitZone(context, nodeOf(map, map.blocks.node(block)), index);
}

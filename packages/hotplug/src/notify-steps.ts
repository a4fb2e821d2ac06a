import type { Errno, MemoryAction, MemoryNotify, NodeAction, Refusal } from "@memhp/abi";
import { BlockFlag, blockStartPfn, type MemoryMap } from "@memhp/engine";
import { type NotifierOutcome, type StatusChange, toldStatus, unsetStatusChange } from "@memhp/notifier";
import {
  type BlockOperation,
  DONE,
  failed,
  type StepAnswer,
  type StepContext,
  onAnswer,
  zoneOf,
} from "./step-context.ts";

/** What callbacks are told: the range without the pages that hold the block's own memmap (observed-6 §4). */
function notifyData(
  map: MemoryMap,
  block: number,
  { statusChangeNidNormal, statusChangeNidHigh, statusChangeNid }: Partial<StatusChange>,
): MemoryNotify {
  const altmap = map.blocks.altmapPages(block);
  const startPfn = blockStartPfn(map, block) + altmap;
  const nrPages = map.blockPages - altmap;
  if (statusChangeNidNormal === undefined || statusChangeNid === undefined) return { startPfn, nrPages };
  return statusChangeNidHigh === undefined
    ? { startPfn, nrPages, statusChangeNidNormal, statusChangeNid }
    : { startPfn, nrPages, statusChangeNidNormal, statusChangeNidHigh, statusChangeNid };
}

export function tell(
  context: StepContext,
  op: BlockOperation,
  action: MemoryAction,
  status: StatusChange,
): NotifierOutcome | Promise<NotifierOutcome> {
  const { kernel, map, chain, log } = context;
  const data = notifyData(map, op.block, toldStatus(kernel, status));
  const node = map.blocks.node(op.block);
  const observer = log.wants.notifier
    ? (call: { name: string; ret: number }) => log.emitNotifier(context.atNs, node, call, action, data)
    : undefined;
  return chain.call(action, data, observer);
}

/** Tells the node chain, where this brings the node's first memory or takes its last. Nobody on that chain objects. */
export function tellNode(
  context: StepContext,
  op: BlockOperation,
  action: NodeAction,
): StepAnswer | Promise<StepAnswer> {
  const { nodeChain, log } = context;
  const nid = op.status.statusChangeNid;
  if (nodeChain === undefined || nid < 0) return DONE;
  const observer = log.wants.notifier
    ? (call: { name: string; ret: number }) =>
        log.emit(context.atNs, nid, { type: "node_notifier", ...call, action, nid })
    : undefined;
  return onAnswer(nodeChain.call(action, { nid }, observer), () => DONE);
}

export type Call = readonly [MemoryAction, StatusChange];

export function tellAll(
  context: StepContext,
  op: BlockOperation,
  calls: readonly Call[],
): StepAnswer | Promise<StepAnswer> {
  const [first, ...rest] = calls;
  if (first === undefined) return DONE;
  return onAnswer(tell(context, op, first[0], first[1]), () => tellAll(context, op, rest));
}

export function ifSent({ kernel }: StepContext, action: MemoryAction): readonly Call[] {
  return kernel.hotplug.extraActions.includes(action) ? [[action, unsetStatusChange]] : [];
}

export function veto(
  context: StepContext,
  op: BlockOperation,
  action: MemoryAction,
  outcome: NotifierOutcome,
): StepAnswer {
  if (outcome.errno === 0) return DONE;
  return failed(refuseByVeto(context.map, op.block, action, outcome.errno, outcome.vetoedBy));
}

/** What a block's owner is told when a callback of the chain refuses. */
export function refuseByVeto(
  map: MemoryMap,
  block: number,
  action: MemoryAction,
  errno: Errno,
  name = "a callback",
): Refusal {
  const isKept = map.arch.bootMemory === "stays" && errno === "EPERM" && map.blocks.hasFlag(block, BlockFlag.early);
  if (isKept && action === "MEM_GOING_OFFLINE") {
    return {
      errno,
      code: "notifier_veto",
      rule: "observed-newer §4: boot memory never goes offline on this architecture",
      block,
      node: map.blocks.node(block),
      ...zoneOf(map, block),
      retry: "no",
      remedy: ["choose memory that was added after boot"],
      detail: `${name} answered ${action} with ${errno}`,
    };
  }
  return {
    errno,
    code: "notifier_veto",
    rule: "facts §7: a callback of the memory notifier chain refused",
    block,
    node: map.blocks.node(block),
    ...zoneOf(map, block),
    retry: "maybe",
    remedy: [`find out why ${name} refuses ${action}`, "if an error is injected, write 0 to its error file"],
    detail: `${name} answered ${action} with ${errno}`,
  };
}

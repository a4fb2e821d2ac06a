import { done, refused, type Result, type ZoneIndex } from "@memhp/abi";
import type { BlockStep } from "@memhp/block";
import {
  accountOnline,
  bindZoneForOnline41,
  growSpansForOnline,
  nodeOf,
  populateBlock,
  refuseOnline,
  withholdFrames,
  zoneForOnline6,
} from "@memhp/engine";
import { masksAfterOnline, onlineStatusChange, unsetStatusChange } from "@memhp/notifier";
import { type Call, ifSent, tell, tellAll, tellNode, veto } from "./notify-steps.ts";
import {
  type BlockOperation,
  DONE,
  emitZone,
  failed,
  type Step,
  type StepAnswer,
  type StepContext,
  setMasks,
  storeOf,
  syncManaged,
  onAnswer,
  uevent,
} from "./step-context.ts";
import { unbind } from "./unbind.ts";

type OnlineStep = Extract<
  BlockStep,
  "choose_zone" | "notify_going_online" | "populate" | "announce_online" | "cancel_online"
>;

function chooseZone(context: StepContext, op: BlockOperation): Result<ZoneIndex> {
  const { map } = context;
  const refusal = refuseOnline(map, op.block);
  if (refusal !== undefined) return refused(refusal);
  if (map.kernel.zones.zoneBinding === "at-add") return bindZoneForOnline41(map, op.block, op.type);
  const zone = zoneForOnline6(map, op.block, op.type, context.policy);
  map.blocks.setZone(op.block, zone);
  growSpansForOnline(map, op.block, zone);
  return done(zone);
}

/** memory_block_online of 6.12: a veto of the preparation ends the online, and only MEM_FINISH_OFFLINE follows. */
function prepare(context: StepContext, op: BlockOperation): StepAnswer | Promise<StepAnswer> {
  if (!context.kernel.hotplug.extraActions.includes("MEM_PREPARE_ONLINE")) return DONE;
  return onAnswer(tell(context, op, "MEM_PREPARE_ONLINE", unsetStatusChange), (outcome) =>
    veto(context, op, "MEM_PREPARE_ONLINE", outcome),
  );
}

/** online_pages, step by step (facts §3). */
export const onlineSteps: Readonly<Record<OnlineStep, Step>> = {
  choose_zone(context, op) {
    const { map, kernel } = context;
    const chosen = chooseZone(context, op);
    if (!chosen.ok) return failed(chosen.refusal);
    const node = nodeOf(map, map.blocks.node(op.block));
    op.status = onlineStatusChange({
      kernel,
      nid: node.id,
      zone: chosen.value,
      masks: { normalMemory: node.hasNormalMemory, memory: node.hasMemory },
    });
    return DONE;
  },

  notify_going_online(context, op) {
    return onAnswer(prepare(context, op), (prepared) => {
      if (prepared.type === "FAILED") {
        op.unprepared = true;
        return prepared;
      }
      return onAnswer(tellNode(context, op, "NODE_ADDING_FIRST_MEMORY"), () =>
        onAnswer(tell(context, op, "MEM_GOING_ONLINE", op.status), (outcome) =>
          veto(context, op, "MEM_GOING_ONLINE", outcome),
        ),
      );
    });
  },

  populate(context, op) {
    const { map } = context;
    const zone = map.blocks.zone(op.block) as ZoneIndex;
    const node = nodeOf(map, map.blocks.node(op.block));
    accountOnline(map, op.block, zone);
    const parts = map.parts.get(op.block);
    populateBlock(storeOf(context, op.block), {
      block: op.block,
      node: node.id,
      zone,
      ...(parts === undefined ? {} : { parts }),
      selfHostedPages: map.blocks.altmapPages(op.block),
      afterBoot: true,
    });
    // online_page_callback: what a driver keeps does not come to the lists (drivers/virtio/virtio_mem.c).
    for (const range of map.withheld.get(op.block) ?? []) withholdFrames(storeOf(context, op.block), range);
    map.withheld.delete(op.block);
    syncManaged(context, node, zone);
    setMasks(context, node, masksAfterOnline, op.status);
    emitZone(context, node, zone);
    return DONE;
  },

  announce_online(context, op) {
    const told = onAnswer(tellNode(context, op, "NODE_ADDED_FIRST_MEMORY"), () =>
      tellAll(context, op, [["MEM_ONLINE", op.status]]),
    );
    return onAnswer(told, (answer) => {
      uevent(context, op.block, "online");
      return answer;
    });
  },

  cancel_online(context, op) {
    const cancelled: Call[] = op.unprepared === true ? [] : [["MEM_CANCEL_ONLINE", op.status]];
    const told = onAnswer(tellAll(context, op, [...cancelled, ...ifSent(context, "MEM_FINISH_OFFLINE")]), (answer) =>
      onAnswer(tellNode(context, op, "NODE_CANCEL_ADDING_FIRST_MEMORY"), () => answer),
    );
    return onAnswer(told, (answer) => {
      if (!context.kernel.hotplug.failedOnlineKeepsZone) unbind(context, op.block);
      return answer;
    });
  },
};

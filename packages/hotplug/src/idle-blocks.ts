import type { MemoryAction, MemoryNotify, OnlineType, ZoneIndex } from "@memhp/abi";
import { type BlockStep, compileTable } from "@memhp/block";
import {
  accountOffline,
  accountOnline,
  blockStartPfn,
  BlockState,
  growSpansForOnline,
  isIdleBlock,
  type MemoryMap,
  NO_ZONE,
  nodeOf,
  populateBlock,
  refuseBeforeIsolation,
  refuseOnline,
  shrinkSpansForOffline,
  withdrawBlock,
  zoneForOnline6,
} from "@memhp/engine";
import {
  offlineStatusChange,
  onlineStatusChange,
  type StatusChange,
  toldStatus,
  unsetStatusChange,
} from "@memhp/notifier";
import type { Costs } from "./costs.ts";
import type { EventWants } from "./event-log.ts";
import type { HotplugKernel } from "./hotplug-kernel.ts";
import { type StepContext, syncManaged } from "./step-context.ts";

/** What a step of a block does at its moment, and after how many nanoseconds since the first one begins. */
type Moments = Readonly<Partial<Record<BlockStep, number>>> & { readonly endNs: number };

/**
 * Many blocks that nobody uses, looks at or objects to, one after another: each does what its statechart's steps would do, in their order
 * and at their moments, without a chart, a context and a walk of the chain for each. Whatever could go another way is left to them.
 */
export class IdleBlocks {
  readonly #online: Moments;
  readonly #offline: Moments;
  readonly #isFit: boolean;

  constructor({ zones }: HotplugKernel, wants: EventWants, costs: Costs) {
    // Blocks choose their zone when they go online, and leave it when they go offline: 4.1 does neither.
    this.#isFit = !wants.block && !wants.zone && zones.zoneBinding !== "at-add" && zones.spansShrink === "on-offline";
    this.#online = momentsOf("offline", "ONLINE", costs.steps);
    this.#offline = momentsOf("online", "OFFLINE", costs.steps);
  }

  /** Brings a block online. @returns when that has ended; undefined where it has to go its usual way: nothing has changed then. */
  online(context: StepContext, block: number, type: OnlineType, beforeNs: number): number | undefined {
    const { map, log, chain, kernel, atNs } = context;
    const calls = chain.sameCalls();
    const endNs = atNs + this.#online.endNs;
    if (!this.#isFit || calls === undefined || endNs >= beforeNs) return undefined;
    const { blocks } = map;
    if (blocks.state(block) !== BlockState.offline || !isPlain(map, block)) return undefined;
    if (refuseOnline(map, block) !== undefined) return undefined;
    const node = nodeOf(map, blocks.node(block));
    const zone = zoneForOnline6(map, block, type, context.policy);
    const masks = { normalMemory: node.hasNormalMemory, memory: node.hasMemory };
    const status = onlineStatusChange({ kernel, nid: node.id, zone, masks });
    if (!keepsMasks(status)) return undefined;
    blocks.setZone(block, zone);
    growSpansForOnline(map, block, zone);
    const { notify_going_online: notify = 0, announce_online: announce = 0 } = this.#online;
    if (kernel.hotplug.extraActions.includes("MEM_PREPARE_ONLINE"))
      this.#tell(context, atNs + notify, block, "MEM_PREPARE_ONLINE", unsetStatusChange);
    this.#tell(context, atNs + notify, block, "MEM_GOING_ONLINE", status);
    accountOnline(map, block, zone);
    populateBlock(context.stores.of(node.id), { block, node: node.id, zone, afterBoot: true });
    syncManaged(context, node, zone);
    this.#tell(context, atNs + announce, block, "MEM_ONLINE", status);
    log.emitMemoryUevent(atNs + announce, node.id, "online", block);
    blocks.setState(block, BlockState.online);
    // The type is used up by an online (facts §2.8).
    blocks.setOnlineType(block, undefined);
    return endNs;
  }

  /** Takes a block offline. @returns as `online` does. */
  offline(context: StepContext, block: number, beforeNs: number): number | undefined {
    const { map, log, chain, kernel, atNs, stores } = context;
    const calls = chain.sameCalls();
    const endNs = atNs + this.#offline.endNs;
    if (!this.#isFit || calls === undefined || endNs >= beforeNs) return undefined;
    const { blocks } = map;
    if (blocks.state(block) !== BlockState.online || !isPlain(map, block)) return undefined;
    const node = nodeOf(map, blocks.node(block));
    const store = stores.of(node.id);
    if (!isIdleBlock(store, block) || refuseBeforeIsolation(map, block) !== undefined) return undefined;
    const zone = blocks.zone(block) as ZoneIndex;
    const presentPages = node.zones.map((each) => each.presentPages);
    const nrPages = blocks.presentPages(block);
    const status = offlineStatusChange({ kernel, nid: node.id, zone, nrPages, presentPages });
    if (!keepsMasks(status)) return undefined;
    const { notify_going_offline: notify = 0, withdraw = 0 } = this.#offline;
    this.#tell(context, atNs + notify, block, "MEM_GOING_OFFLINE", status);
    // Isolated in between, its pages would leave the free list a moment earlier: nobody looks at them then.
    accountOffline(map, block, zone);
    withdrawBlock(store, block);
    syncManaged(context, node, zone);
    this.#tell(context, atNs + withdraw, block, "MEM_OFFLINE", status);
    if (kernel.hotplug.extraActions.includes("MEM_FINISH_OFFLINE"))
      this.#tell(context, atNs + withdraw, block, "MEM_FINISH_OFFLINE", unsetStatusChange);
    blocks.setState(block, BlockState.goingOffline);
    blocks.setZone(block, NO_ZONE);
    shrinkSpansForOffline(map, block, zone);
    log.emitMemoryUevent(atNs + withdraw, node.id, "offline", block);
    blocks.setState(block, BlockState.offline);
    return endNs;
  }

  #tell(
    { kernel, map, chain, log }: StepContext,
    atNs: number,
    block: number,
    action: MemoryAction,
    status: StatusChange,
  ): void {
    if (!log.wants.notifier) return;
    const data: MemoryNotify = {
      startPfn: blockStartPfn(map, block),
      nrPages: map.blockPages,
      ...toldStatus(kernel, status),
    };
    for (const call of chain.sameCalls() ?? []) log.emitNotifier(atNs, map.blocks.node(block), call, action, data);
  }
}

/** All of it is RAM of one node, its own memmap apart from it, and no driver's. */
function isPlain({ blocks, parts, withheld }: MemoryMap, block: number): boolean {
  return (
    (parts.size === 0 || !parts.has(block)) &&
    (withheld.size === 0 || !withheld.has(block)) &&
    blocks.altmapPages(block) === 0
  );
}

/** Neither node mask changes, so that nobody on the node's own chain hears of it. */
function keepsMasks({ statusChangeNid, statusChangeNidNormal }: StatusChange): boolean {
  return statusChangeNid < 0 && statusChangeNidNormal < 0;
}

/** The steps of a chart that is only ever told DONE, each after those before it. */
function momentsOf(from: string, begin: "ONLINE" | "OFFLINE", costs: Readonly<Record<BlockStep, number>>): Moments {
  const table = compileTable();
  const moments: Partial<Record<BlockStep, number>> = {};
  let endNs = 0;
  for (
    let edge = table.edge(table.indexOf(from), begin);
    edge?.step !== undefined;
    edge = table.edge(edge.target, "DONE")
  ) {
    moments[edge.step] = endNs;
    endNs += costs[edge.step];
  }
  return { ...moments, endNs };
}

import type { MemoryAction, MemoryNotify, ZoneIndex } from "@memhp/abi";
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
import { type StateRequest, typeOfRequest } from "./request.ts";
import { type StepContext, syncManaged } from "./step-context.ts";

/** Blocks that pass at once, at most: the thread hears what else there is in between. */
const MOST = 512;

interface Passed {
  readonly count: number;
  readonly endNs: number;
}

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
    const bindsAtOnline = zones.zoneBinding !== "at-add" && zones.spansShrink === "on-offline";
    this.#online = momentsOf("offline", "ONLINE", costs.steps);
    this.#offline = momentsOf("online", "OFFLINE", costs.steps);
    // A block tells nothing at the moment at which the one before it ends: else its events would be numbered on from those.
    const tellLater = (this.#online.notify_going_online ?? 0) > 0 && (this.#offline.notify_going_offline ?? 0) > 0;
    this.#isFit = !wants.block && !wants.zone && bindsAtOnline && tellLater;
  }

  /**
   * Takes neighbouring blocks of a list through, from its `from`-th on, while each is as the one before.
   * @param beforeNs when nothing may have begun or ended any more
   * @returns how many have passed, and when the last one has ended; undefined where the first has to take its steps one by one: nothing has
   *   changed then.
   */
  pass(context: StepContext, request: StateRequest, from: number, beforeNs: number): Passed | undefined {
    const { map, chain, atNs } = context;
    const moments = request.op === "online" ? this.#online : this.#offline;
    const patienceNs = request.op === "offline" ? (request.patienceNs ?? Number.POSITIVE_INFINITY) : beforeNs;
    if (!this.#isFit || chain.sameCalls() === undefined || moments.endNs >= patienceNs) return undefined;
    const { blocks } = request;
    const first = blocks[from] as number;
    const most = Math.min(MOST, blocks.length - from);
    let zone: ZoneIndex | undefined;
    let count = 0;
    while (count < most && blocks[from + count] === first + count && atNs + (count + 1) * moments.endNs < beforeNs) {
      const block = first + count;
      if (!isPlain(map, block)) break;
      const own =
        request.op === "online" ? bringOnline(context, request, block, zone) : takeOffline(context, block, zone);
      if (own === undefined) break;
      zone = own;
      count++;
    }
    if (count === 0) return undefined;
    if (request.op === "online") this.#tellOnline(context, first);
    else this.#tellOffline(context, first);
    context.log.repeat(map.blocks.node(first), count - 1, moments.endNs, map.blockPages);
    return { count, endNs: atNs + count * moments.endNs };
  }

  #tellOnline(context: StepContext, block: number): void {
    const { log, kernel, map, atNs } = context;
    const { notify_going_online: notify = 0, announce_online: announce = 0 } = this.#online;
    log.begin();
    if (kernel.hotplug.extraActions.includes("MEM_PREPARE_ONLINE"))
      tellSame(context, atNs + notify, block, "MEM_PREPARE_ONLINE", unsetStatusChange);
    tellSame(context, atNs + notify, block, "MEM_GOING_ONLINE", nothingChanges(kernel));
    tellSame(context, atNs + announce, block, "MEM_ONLINE", nothingChanges(kernel));
    log.emitMemoryUevent(atNs + announce, map.blocks.node(block), "online", block);
  }

  #tellOffline(context: StepContext, block: number): void {
    const { log, kernel, map, atNs } = context;
    const { notify_going_offline: notify = 0, withdraw = 0 } = this.#offline;
    log.begin();
    tellSame(context, atNs + notify, block, "MEM_GOING_OFFLINE", nothingChanges(kernel));
    tellSame(context, atNs + withdraw, block, "MEM_OFFLINE", nothingChanges(kernel));
    if (kernel.hotplug.extraActions.includes("MEM_FINISH_OFFLINE"))
      tellSame(context, atNs + withdraw, block, "MEM_FINISH_OFFLINE", unsetStatusChange);
    log.emitMemoryUevent(atNs + withdraw, map.blocks.node(block), "offline", block);
  }
}

/** @returns its zone; undefined where it cannot pass, or not into `wanted` */
function bringOnline(
  { map, kernel, policy, stores }: StepContext,
  request: Extract<StateRequest, { op: "online" }>,
  block: number,
  wanted: ZoneIndex | undefined,
): ZoneIndex | undefined {
  const { blocks } = map;
  if (blocks.state(block) !== BlockState.offline || refuseOnline(map, block) !== undefined) return undefined;
  const node = nodeOf(map, blocks.node(block));
  const zone = zoneForOnline6(map, block, typeOfRequest(map, request, block), policy);
  if (wanted !== undefined && zone !== wanted) return undefined;
  const masks = { normalMemory: node.hasNormalMemory, memory: node.hasMemory };
  if (!keepsMasks(onlineStatusChange({ kernel, nid: node.id, zone, masks }))) return undefined;
  blocks.setZone(block, zone);
  growSpansForOnline(map, block, zone);
  accountOnline(map, block, zone);
  populateBlock(stores.of(node.id), { block, node: node.id, zone, afterBoot: true });
  syncManaged({ stores }, node, zone);
  blocks.setState(block, BlockState.online);
  // The type is used up by an online (facts §2.8).
  blocks.setOnlineType(block, undefined);
  return zone;
}

/** @returns the zone that it was in; undefined as of `bringOnline` */
function takeOffline(
  { map, kernel, stores }: StepContext,
  block: number,
  wanted: ZoneIndex | undefined,
): ZoneIndex | undefined {
  const { blocks } = map;
  if (blocks.state(block) !== BlockState.online) return undefined;
  const node = nodeOf(map, blocks.node(block));
  const store = stores.of(node.id);
  if (!isIdleBlock(store, block) || refuseBeforeIsolation(map, block) !== undefined) return undefined;
  const zone = blocks.zone(block) as ZoneIndex;
  if (wanted !== undefined && zone !== wanted) return undefined;
  const presentPages = node.zones.map((each) => each.presentPages);
  const nrPages = blocks.presentPages(block);
  if (!keepsMasks(offlineStatusChange({ kernel, nid: node.id, zone, nrPages, presentPages }))) return undefined;
  // Isolated in between, its pages would leave the free list a moment earlier: nobody looks at them then.
  accountOffline(map, block, zone);
  withdrawBlock(store, block);
  syncManaged({ stores }, node, zone);
  blocks.setState(block, BlockState.offline);
  blocks.setZone(block, NO_ZONE);
  shrinkSpansForOffline(map, block, zone);
  return zone;
}

function tellSame(
  { kernel, map, chain, log }: StepContext,
  atNs: number,
  block: number,
  action: MemoryAction,
  status: StatusChange,
): void {
  if (!log.wants.notifier) return;
  const range = { startPfn: blockStartPfn(map, block), nrPages: map.blockPages };
  const data: MemoryNotify = { ...range, ...toldStatus(kernel, status) };
  for (const call of chain.sameCalls() ?? []) log.emitNotifier(atNs, map.blocks.node(block), call, action, data);
}

/** What of the node masks is told where neither changes. */
function nothingChanges({ notifier }: HotplugKernel): StatusChange {
  const high = notifier.statusChangeNids === "normal-high-any" ? { statusChangeNidHigh: -1 } : {};
  return { statusChangeNidNormal: -1, ...high, statusChangeNid: -1 };
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

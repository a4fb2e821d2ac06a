import { type MemoryAction, type MemoryNotify, ZONE_MOVABLE, type ZoneIndex } from "@memhp/abi";
import { type BlockStep, compileTable } from "@memhp/block";
import {
  accountOffline,
  accountOnline,
  blockStartPfn,
  BlockState,
  growSpansForOnline,
  isIdleBlock,
  NO_ZONE,
  type NodeMemory,
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
    const most = Math.min(MOST, blocks.length - from, Math.ceil((beforeNs - atNs) / moments.endNs) - 1);
    let zone: ZoneIndex | undefined;
    let count = 0;
    while (count < most && blocks[from + count] === first + count) {
      const run: Run | undefined = runOf(context, request, from + count, most - count);
      if (run === undefined || (zone !== undefined && run.zone !== zone)) break;
      if (request.op === "online") bringOnline(context, run);
      else takeOffline(context, run);
      zone = run.zone;
      count += run.count;
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

/** Neighbours that go together. */
interface Run {
  readonly first: number;
  readonly count: number;
  readonly node: NodeMemory;
  /** The one that they come to, or leave. */
  readonly zone: ZoneIndex;
}

/** Blocks of a list, from its `from`-th on, that can pass together; undefined where the first cannot itself. */
function runOf(context: StepContext, request: StateRequest, from: number, most: number): Run | undefined {
  const { blocks, parts, withheld } = context.map;
  const first = request.blocks[from] as number;
  const rest = request.op === "online" ? BlockState.offline : BlockState.online;
  if (blocks.state(first) !== rest || blocks.altmapPages(first) > 0) return undefined;
  if (parts.has(first) || withheld.has(first)) return undefined;
  /** How many are neighbours, and as the first is. */
  const count = (isFit: (block: number) => boolean): number => {
    const alike = blocks.alikeFrom(first, most);
    for (let i = 1; i < alike; i++) {
      const block = first + i;
      if (request.blocks[from + i] !== block || parts.has(block) || withheld.has(block) || !isFit(block)) return i;
    }
    return alike;
  };
  return request.op === "online" ? runToOnline(context, request, first, count) : runToOffline(context, first, count);
}

type Count = (isFit: (block: number) => boolean) => number;

function runToOnline(
  { map, kernel, policy }: StepContext,
  request: StateRequest,
  first: number,
  countAlike: Count,
): Run | undefined {
  if (refuseOnline(map, first) !== undefined) return undefined;
  const node = nodeOf(map, map.blocks.node(first));
  const type = typeOfRequest(map, request, first);
  const zone = zoneForOnline6(map, first, type, policy);
  const masks = { normalMemory: node.hasNormalMemory, memory: node.hasMemory };
  if (!keepsMasks(onlineStatusChange({ kernel, nid: node.id, zone, masks }))) return undefined;
  // What else is asked for, the next block may choose otherwise.
  return { first, count: type === "movable" ? countAlike(() => true) : 1, node, zone };
}

function runToOffline({ map, kernel, stores }: StepContext, first: number, countAlike: Count): Run | undefined {
  const node = nodeOf(map, map.blocks.node(first));
  const store = stores.of(node.id);
  if (!isIdleBlock(store, first) || refuseBeforeIsolation(map, first) !== undefined) return undefined;
  const zone = map.blocks.zone(first) as ZoneIndex;
  // Of Normal memory some kernels keep a part: those ask for each block.
  let count = zone === ZONE_MOVABLE ? countAlike((block) => isIdleBlock(store, block)) : 1;
  const nrPages = map.blocks.presentPages(first);
  // The last that leaves may be the node's last.
  for (; count > 0; count--) {
    const presentPages = node.zones.map(
      (each) => each.presentPages - (each.index === zone ? (count - 1) * nrPages : 0),
    );
    if (keepsMasks(offlineStatusChange({ kernel, nid: node.id, zone, nrPages, presentPages }))) break;
  }
  return count === 0 ? undefined : { first, count, node, zone };
}

function bringOnline({ map, stores }: StepContext, { first, count, node, zone }: Run): void {
  growSpansForOnline(map, first, zone, count);
  accountOnline(map, first, zone, count);
  const store = stores.of(node.id);
  for (let block = first; block < first + count; block++)
    populateBlock(store, { block, node: node.id, zone, afterBoot: true });
  syncManaged({ stores }, node, zone);
  // The type is used up by an online (facts §2.8).
  map.blocks.putRun({ ...map.blocks.row(first), state: BlockState.online, zone, onlineType: undefined }, count);
}

function takeOffline({ map, stores }: StepContext, { first, count, node, zone }: Run): void {
  accountOffline(map, first, zone, count);
  const store = stores.of(node.id);
  // Isolated in between, their pages would leave the free list a moment earlier: nobody looks at them then.
  for (let block = first; block < first + count; block++) withdrawBlock(store, block);
  syncManaged({ stores }, node, zone);
  map.blocks.putRun({ ...map.blocks.row(first), state: BlockState.offline, zone: NO_ZONE }, count);
  shrinkSpansForOffline(map, first, zone, count);
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

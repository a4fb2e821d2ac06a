import { type OnlineType, type Refusal, type ZoneIndex, zoneName } from "@memhp/abi";
import type { BlockEvent } from "@memhp/block";
import {
  type TargetsFound,
  type MemoryMap,
  managedPages,
  NO_ZONE,
  type NodeMemory,
  type NodeStores,
  type PageStore,
  type PolicyInput,
} from "@memhp/engine";
import type { MemoryNotifier, NodeMasks, NodeNotifier, StatusChange } from "@memhp/notifier";
import type { Costs } from "./costs.ts";
import type { EventLog } from "./event-log.ts";
import type { TargetRequest, TargetPages } from "./target-requests.ts";
import type { HotplugKernel } from "./hotplug-kernel.ts";

/** What a step needs to see and touch. */
export interface StepContext {
  readonly kernel: HotplugKernel;
  readonly map: MemoryMap;
  readonly stores: NodeStores;
  readonly chain: MemoryNotifier;
  /** Of kernels that have one. */
  readonly nodeChain: NodeNotifier | undefined;
  readonly log: EventLog;
  readonly policy: PolicyInput;
  readonly costs: Costs;
  /** The pages of a node may have changed. */
  readonly pagesTouched: (node: number) => void;
  /** Simulated time at which the step begins. */
  readonly atNs: number;
}

/** One online or offline under way. */
export interface BlockOperation {
  readonly block: number;
  readonly type: OnlineType;
  /** When the migration of this offline began; its timeout counts from here. */
  migratingSinceNs?: number;
  /** The writer gets a signal at this time. */
  signalAtNs: number;
  /** When whoever waits signals itself, where nobody else does before. */
  readonly patienceEndNs: number;
  status: StatusChange;
  /** A callback vetoed MEM_PREPARE_ONLINE, so nobody heard MEM_GOING_ONLINE. */
  unprepared?: boolean;
  /** Pageblocks are isolated, and a failure must undo that. */
  isolated?: boolean;
  /** Negative results of migration rounds: 4.1 gives up at the fifth (facts §4.1 step 9). */
  failedRounds: number;
  /** Why the last round left pages where they were. */
  obstacle?: Refusal;
  /** Pages moved since the last final check, and in all. */
  movedSinceCheck: number;
  movedPages: number;
  /** Time that the step takes beyond its fixed cost. */
  extraNs: number;
  /** The next round would do just what this one did: until something else happens, there is only waiting. */
  idleUntilNs?: number;
}

/** What a step came to. */
export type StepAnswer = Extract<BlockEvent, { type: "DONE" | "AGAIN" | "FAILED" }>;

/** A step that cannot go on without memory of other nodes: what it asks for, and how it goes on with the answer. */
export interface StepAwaitingTargets<Turn = StepResult> {
  readonly targetRequest: TargetRequest;
  resume(found: readonly TargetsFound[], targets: readonly TargetPages[]): Turn;
  /** The OOM killer ended somebody, so that what was collected is not there any more. */
  restart(): Turn;
}

export type StepResult = StepAnswer | StepAwaitingTargets;
export type Step = (context: StepContext, op: BlockOperation) => StepResult | Promise<StepResult>;

export const DONE: StepAnswer = { type: "DONE" };
export const AGAIN: StepAnswer = { type: "AGAIN" };
export const failed = (refusal: Refusal): StepAnswer => ({ type: "FAILED", refusal });
export const answerOf = (refusal: Refusal | undefined): StepAnswer => (refusal === undefined ? DONE : failed(refusal));

export function newOperation(
  block: number,
  type: OnlineType,
  signalAtNs: number,
  patienceEndNs: number = Number.POSITIVE_INFINITY,
): BlockOperation {
  const status = { statusChangeNidNormal: -1, statusChangeNid: -1 };
  return {
    block,
    type,
    signalAtNs,
    patienceEndNs,
    status,
    failedRounds: 0,
    movedSinceCheck: 0,
    movedPages: 0,
    extraNs: 0,
  };
}

/** The page map of the node that a block belongs to. */
export function storeOf({ stores, map, pagesTouched }: StepContext, block: number): PageStore {
  const node = map.blocks.node(block);
  pagesTouched(node);
  return stores.of(node);
}

/** Runs `next` on an answer that may still be on its way; stays synchronous where it is not. */
export function onAnswer<A, B>(answer: A | Promise<A>, use: (answer: A) => B | Promise<B>): B | Promise<B> {
  return answer instanceof Promise ? answer.then((settled) => use(settled)) : use(answer);
}

export function zoneOf(map: MemoryMap, block: number): { zone?: ReturnType<typeof zoneName> } {
  const zone = map.blocks.zone(block);
  return zone < NO_ZONE ? { zone: zoneName(zone as ZoneIndex) } : {};
}

export function emitZone(context: StepContext, node: NodeMemory, index: ZoneIndex): void {
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

export function uevent(context: StepContext, block: number, action: string): void {
  context.log.emitMemoryUevent(context.atNs, context.map.blocks.node(block), action, block);
}

/** Managed pages as the page map has them. */
export function syncManaged({ stores }: Pick<StepContext, "stores">, node: NodeMemory, index: ZoneIndex): void {
  const store = stores.of(node.id);
  node.zones[index].managedPages = managedPages(store, store.zoneSlot(node.id, index));
}

/** The node's bits in N_NORMAL_MEMORY and N_MEMORY after a change (facts §3.3). */
export function setMasks(
  { kernel }: StepContext,
  node: NodeMemory,
  after: (kernel: HotplugKernel, masks: NodeMasks, status: StatusChange) => NodeMasks,
  status: StatusChange,
): void {
  const masks = after(kernel, { normalMemory: node.hasNormalMemory, memory: node.hasMemory }, status);
  node.hasNormalMemory = masks.normalMemory;
  node.hasMemory = masks.memory;
}

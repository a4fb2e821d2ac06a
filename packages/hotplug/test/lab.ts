import { type MemoryAction, type MemoryNotify, NOTIFY_OK, type PfnRange, type SimEvent } from "@memhp/abi";
import {
  addBalance,
  balanceOfNode,
  bootMemoryMap,
  bootStores,
  type MemoryMap,
  type OnlinePolicy,
  type PolicyInput,
  restoreMemoryMap,
  snapshotMemoryMap,
} from "@memhp/engine";
import {
  allEvents,
  applyDelta,
  type Batch,
  type BatchAnswer,
  inOrder,
  createHotplug,
  type EventWants,
  type Hotplug,
  type HotplugOptions,
  type NodeRequest,
} from "@memhp/hotplug";
import { createMemoryNotifier, type MemoryNotifier } from "@memhp/notifier";
import { type Kernel, kernelOf } from "../../../tools/conformance/src/kernels.ts";
import { x86_64 } from "../../../tools/conformance/src/platforms.ts";

/** Pages of a block of 128 MiB. */
export const BLOCK = 0x8000;
/** The first block above 4 GiB. */
export const FIRST = 32;

/** 130 s: 4.1 gives up before. */
const PATIENCE = 130e9;

/** 1 GiB on each of two nodes, as QEMU's firmware leaves it (h_inject, d_last_memory). */
export const twoNodes1G: readonly PfnRange[][] = [
  [
    { startPfn: 1, endPfn: 0x9f },
    { startPfn: 0x100, endPfn: 0x40000 },
  ],
  [{ startPfn: 0x40000, endPfn: 0x7ffe0 }],
];

export const contigZones: OnlinePolicy = { policy: "contig-zones", ratio: 301, numaAware: true, movableNode: false };

/** An answer whose events somebody reads. */
/** The requests that an answer is to. */
const asked = new WeakMap<Answer, readonly NodeRequest[]>();

export interface Answer extends Omit<BatchAnswer, "events"> {
  readonly events: readonly SimEvent[];
}

function answerOf(answer: BatchAnswer): Answer {
  return { ...answer, events: [...inOrder(answer.events)] };
}

export interface LabOptions extends Pick<HotplugOptions, "rowsFrom" | "costs" | "breathe"> {
  readonly ram?: readonly PfnRange[][];
  readonly policy?: OnlinePolicy;
  readonly wants?: EventWants;
}

/** A machine without files or firmware: a map, a chain, and hotplug between them. */
export interface Lab {
  readonly kernel: Kernel;
  readonly map: MemoryMap;
  /** Follows by deltas alone. */
  readonly replica: MemoryMap;
  readonly chain: MemoryNotifier;
  readonly hotplug: Hotplug;
  /** Runs requests from where the clock stands, and moves it. */
  run(requests: readonly NodeRequest[], untilNs?: number): Promise<Answer>;
  advance(untilNs?: number): Promise<Answer>;
  batch(requests: readonly NodeRequest[], untilNs?: number): Batch;
  nowNs(): number;
}

export function createLab(kernel: string, options: LabOptions = {}): Lab {
  const { ram = twoNodes1G, policy = contigZones, wants = allEvents, ...hotplugOptions } = options;
  const linux = kernelOf(kernel);
  const nodes = ram.map((ranges, node) => ({ node, ranges, hotpluggable: [], cpus: node === 0 ? [0] : [] }));
  const arch = x86_64;
  const movable = { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false };
  const layout = { kernel: linux, arch, blockPages: BLOCK, nodes, options: movable };
  const map = bootMemoryMap(layout);
  const stores = bootStores(map);
  const replica = restoreMemoryMap(snapshotMemoryMap(map), linux, arch);
  const chain = createMemoryNotifier(linux);
  const hotplug = createHotplug({ ...hotplugOptions, kernel: linux, map, chain, stores });
  const groupMaxPages = new Map<number, number>();
  let nowNs = 0;

  function policyInput(requests: readonly NodeRequest[]): PolicyInput {
    const own = requests[0]?.node ?? 0;
    const others = [...map.nodes.values()].filter(({ id }) => id !== own).map(balanceOfNode);
    const otherNodes = others.reduce(addBalance, { earlyKernelPages: 0, movablePages: 0 });
    return { ...policy, otherNodes, groupMaxPages };
  }

  let underWay: readonly NodeRequest[] = [];

  function take(answer: BatchAnswer): Answer {
    applyDelta(replica, answer.delta);
    nowNs = answer.endNs;
    const taken = answerOf(answer);
    asked.set(taken, underWay);
    return taken;
  }

  const batch: Lab["batch"] = (requests, untilNs = Number.POSITIVE_INFINITY) => {
    for (const request of requests) if (request.op === "add") groupMaxPages.set(request.group, request.nrPages);
    // Somebody who offlines a block of a later kernel has to lose patience some day.
    const patient = requests.map((request) =>
      request.op === "offline" ? { patienceNs: PATIENCE, ...request } : request,
    );
    return { startNs: nowNs, untilNs, requests: patient, policy: policyInput(requests), wants };
  };

  return {
    kernel: linux,
    map,
    replica,
    chain,
    hotplug,
    batch,
    nowNs: () => nowNs,
    run: async (requests, untilNs) => {
      underWay = requests;
      return take(await hotplug.run(batch(requests, untilNs)));
    },
    advance: async (untilNs = Number.POSITIVE_INFINITY) => take(await hotplug.advance(untilNs)),
  };
}

/** A DIMM of `blocks` blocks, which is the memory group of its first block's number. */
export function add(node: number, first: number, blocks: number): NodeRequest {
  const range = { startPfn: first * BLOCK, nrPages: blocks * BLOCK, group: first };
  return { op: "add", node, ...range, altmapPages: 0, firmware: true, driverManaged: false };
}

export function remove(node: number, first: number, blocks: number, cpus = false): NodeRequest {
  return { op: "remove", node, startPfn: first * BLOCK, nrPages: blocks * BLOCK, cpus };
}

/** Block numbers from `first` on. */
export function blocks(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** A callback that answers each action with what `answers` says, else NOTIFY_OK. */
export function answering(
  name: string,
  answers: Readonly<Partial<Record<MemoryAction, number>>>,
  priority = 0,
): { readonly name: string; readonly priority: number; call(action: MemoryAction, data: MemoryNotify): number } {
  return { name, priority, call: (action) => answers[action] ?? NOTIFY_OK };
}

type Narrowed<T extends SimEvent["type"]> = Extract<SimEvent, { type: T }>;

export function eventsOf<T extends SimEvent["type"]>(answer: Answer, type: T): Narrowed<T>[] {
  return answer.events.filter((event): event is Narrowed<T> => event.type === type);
}

/** `going_online.populating -> going_online.announcing` and so on, of one block. */
export function moves(answer: Answer, block: number): string[] {
  return eventsOf(answer, "block").flatMap((event) => (event.block === block ? [event.to] : []));
}

/** Uevents as `online@memory32`. */
export function uevents(answer: Answer): string[] {
  return eventsOf(answer, "uevent").map(({ action, devpath }) => `${action}@${devpath.split("/").at(-1)}`);
}

/** The outcomes of the first request: `33: EINVAL not_adjacent`, `32: changed`, `32: same`. */
export function outcomes(answer: Answer | undefined, index = 0): string[] {
  const result = answer?.results[index];
  if (result === undefined || !("outcomes" in result)) throw new Error(`request ${index} has no outcomes`);
  const request = asked.get(answer as Answer)?.[index];
  if (request === undefined || !("blocks" in request)) throw new Error(`request ${index} is of no blocks`);
  return result.outcomes.map((outcome, i) => {
    const block = request.blocks[i];
    if (typeof outcome === "string") return `${block}: ${outcome === "changed" ? "changed" : "same"}`;
    if (outcome.refusal.block !== block) throw new Error(`block ${block} is told of ${outcome.refusal.block}`);
    return `${block}: ${outcome.refusal.errno} ${outcome.refusal.code}`;
  });
}

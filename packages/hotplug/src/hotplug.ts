import type { CallbackPages } from "./callback-pages.ts";
import { BlockHandles } from "./block-handles.ts";
import {
  bootStores,
  type MemoryMap,
  nodeOf,
  nodePages,
  referWithheld,
  type NodePages,
  type NodeStores,
} from "@memhp/engine";
import { knownOptions, type ZoneIndex } from "@memhp/abi";
import type { MemoryNotifier, NodeNotifier } from "@memhp/notifier";
import { type Costs, defaultCosts } from "./costs.ts";
import { EventLog, type EventPlaces } from "./event-log.ts";
import { checkBatch, checkPageRequests, checkUntil } from "./check-requests.ts";
import type {
  TargetAnswer,
  FreePages,
  PlannedTake,
  RoundPart,
  Rounds,
  SharedRound,
  TargetRequest,
} from "./target-requests.ts";
import { IdleBlocks } from "./idle-blocks.ts";
import { type NodesImage, snapshotNodes } from "./image.ts";
import { NodeWork } from "./node-work.ts";
import { type PageRequest, type PageResult, performPageRequest } from "./page-requests.ts";
import { deltaOf, flagBlocks } from "./map-delta.ts";
import type { BlockWatcher } from "./watched-blocks.ts";
import type { Batch, BatchAnswer, MapDelta, NodeRequest, RequestResult } from "./request.ts";
import type { StepContext } from "./step-context.ts";
import { TouchedBlocks } from "./touched-blocks.ts";
import type { NodeWorkHost } from "./node-work-host.ts";
import type { HotplugKernel } from "./hotplug-kernel.ts";
import { syncManagedOfNode } from "./withheld.ts";

/** The kernel, the memory and the notifier chain that a hotplug core works on. */
export interface HotplugOptions {
  readonly kernel: HotplugKernel;
  readonly map: MemoryMap;
  readonly chain: MemoryNotifier;
  /** The node chain of kernels that have one. */
  readonly nodeChain?: NodeNotifier;
  /** The pages of the map's nodes; by default as after a boot that left all of them free. */
  readonly stores?: NodeStores;
  /** Where each node's events had come to, of a map that was in use before. */
  readonly places?: EventPlaces;
  readonly costs?: Costs;
  /** A batch with a request of this many blocks or more runs all blocks that nobody watches as rows of the table. */
  readonly rowsFrom?: number;
  /** Lets the thread hear what else there is (a signal, a click) now and then in a batch of many blocks; takes no simulated time. */
  readonly breathe?: () => Promise<void>;
  /** Whoever sends requests has looked at them: `checkRequests`. */
  readonly areChecked?: boolean;
  /** Where its nodes meet those of other threads. */
  readonly rounds?: Rounds;
}

/** Memory hotplug of a set of nodes: add, remove, online, offline. */
export interface Hotplug {
  /**
   * Runs a batch until it is done or `untilNs` comes. One batch at a time: the hotplug lock is the caller's.
   * @param together whether its nodes meet those of other threads, which all do the same; not where `untilNs` is finite.
   * @throws RangeError, TypeError for a request of a node or a block that is not here; nothing has begun.
   */
  run(batch: Batch, together?: boolean): Promise<BatchAnswer>;
  /**
   * Goes on with the batch that `run` left unfinished; with the answers to what its nodes asked for, after these nodes have given
   * what was planned.
   */
  advance(
    untilNs: number,
    answers?: readonly TargetAnswer[],
    takes?: readonly PlannedTake[],
    together?: boolean,
  ): Promise<BatchAnswer>;
  /** Signals the writers of the batch that is under way. */
  interrupt(atNs: number): void;
  /** Works on pages at once, beside a batch that waits. */
  pages(requests: readonly PageRequest[]): PagesAnswer;
  /** Page counters of all nodes: what a new replica of the map needs besides. */
  counters(): NodePages[];
  /** The nodes with everything on them, as plain data. No batch is running. */
  snapshot(): NodesImage;
  /** Lets somebody look at blocks: those it wants become actors that stay. Replaces the watcher before. */
  watch(watcher: BlockWatcher): void;
  /** Pages for callbacks of the chain; what they change travels with the batch under way. */
  readonly callbackPages: CallbackPages;
  /** A kernel log line from a notifier callback, at the place of the step that called it. */
  log(text: string): void;
}

/** Results of page requests in order, and what they changed. */
export interface PagesAnswer {
  readonly results: readonly PageResult[];
  readonly delta: MapDelta;
}

const ROWS_FROM = 2;
/** Blocks between two moments in which a thread hears what else there is: at the end of a node, and within one. */
const BREATH_BLOCKS = 16;
const NODE_BREATH_BLOCKS = 64;
/** The same in a thread of its own, where only a signal could come. */
const OWN_THREAD_BREATH_BLOCKS = 256;
/** What a block costs that is idle, to one that takes its steps one by one. */
const IDLE_BLOCK = 1 / 8;
const ZONES: readonly ZoneIndex[] = [0, 1, 2, 3, 4];

const OPTIONS: Readonly<Record<keyof HotplugOptions, true>> = {
  kernel: true,
  map: true,
  chain: true,
  nodeChain: true,
  stores: true,
  places: true,
  costs: true,
  rowsFrom: true,
  breathe: true,
  areChecked: true,
  rounds: true,
};

/** The hotplug core of a set of nodes: add, remove, online and offline in simulated time. */
export function createHotplug(options: HotplugOptions): Hotplug {
  knownOptions("createHotplug: options", options, OPTIONS);
  const { kernel, map, chain, nodeChain, rowsFrom = ROWS_FROM, breathe, rounds } = options;
  const stores = options.stores ?? bootStores(map);
  const memory = { map, stores };
  const breathBlocks = rounds === undefined ? BREATH_BLOCKS : OWN_THREAD_BREATH_BLOCKS;
  let current: RunningBatch | undefined;
  const places: EventPlaces = new Map(options.places);
  const handles = new BlockHandles(map);

  function start(batch: Batch): RunningBatch {
    const changing = batch.requests.flatMap((request) => ("blocks" in request ? [request.blocks.length] : []));
    const log = new EventLog(
      batch.wants,
      places,
      changing.reduce((sum, count) => sum + count, 0),
    );
    const touched = new TouchedBlocks();
    const touchedNodes = new Set<number>();
    const touchedPages = new Set<number>();
    const pagesTouched = (node: number): void => void touchedPages.add(node);
    const running: RunningBatch = {
      startNs: batch.startNs,
      log,
      touched,
      lastTouched: undefined,
      blocksSinceBreath: 0,
      touchedNodes,
      touchedPages,
      nodeWorks: [],
      workOf: new Map(),
      at: { atNs: batch.startNs, node: -1 },
      manyBlocks: batch.requests.some(
        (request) => (request.op === "online" || request.op === "offline") && request.blocks.length >= rowsFrom,
      ),
    };
    const { costs: usual = defaultCosts } = options;
    const costs = batch.migratePageNs === undefined ? usual : { ...usual, migratePage: batch.migratePageNs };
    const context = (atNs: number, node: number): StepContext => {
      running.at = { atNs, node };
      return { kernel, map, stores, chain, nodeChain, log, policy: batch.policy, costs, pagesTouched, atNs };
    };
    let idle: IdleBlocks | undefined;
    const host: NodeWorkHost = {
      kernel,
      map,
      stores,
      costs,
      context,
      log,
      open: (block, own) => handles.open(block, own, running.manyBlocks),
      appeared: (blocks) => handles.watched?.look(blocks),
      removed: (block) => handles.watched?.removed(block),
      pagesTouched,
      touched(block) {
        // A block is touched at each of its steps.
        if (block === running.lastTouched) return;
        running.lastTouched = block;
        running.blocksSinceBreath++;
        touched.add(block);
      },
      passed(node, first, count) {
        pagesTouched(node);
        touched.addRange(first, count);
        running.blocksSinceBreath += count * IDLE_BLOCK;
      },
      breathe: () => breathIfDue(running, Math.max(breathBlocks, NODE_BREATH_BLOCKS)),
      // No accessor: each object with one has a shape of its own, which keeps the batch until the whole heap is collected.
      idle() {
        // Whoever looks at blocks sees each of their steps.
        return running.manyBlocks && handles.watched === undefined
          ? (idle ??= new IdleBlocks(kernel, log.wants, costs))
          : undefined;
      },
    };
    const queues = new Map<number, { request: NodeRequest; index: number }[]>();
    for (const [index, request] of batch.requests.entries()) {
      const queue = queues.get(request.node) ?? [];
      queue.push({ request, index });
      queues.set(request.node, queue);
    }
    for (const [node, queue] of [...queues].sort(([a], [b]) => a - b)) {
      touchedNodes.add(node);
      const nodeWork = new NodeWork(host, node, batch.startNs, queue);
      running.nodeWorks.push(nodeWork);
      running.workOf.set(node, nodeWork);
    }
    return running;
  }

  async function advance(
    untilNs: number,
    answers: readonly TargetAnswer[] = [],
    takes: readonly PlannedTake[] = [],
    together = false,
  ): Promise<BatchAnswer> {
    if (current === undefined) throw new RangeError("advance: expected a batch under way, found none");
    if (options.areChecked !== true) checkUntil("advance: untilNs", untilNs);
    const batch = current;
    let round: SharedRound = { answers, takes };
    let told: Set<number> | undefined;
    let met: ReturnType<Rounds["meet"]> | undefined;
    for (;;) {
      await work(batch, untilNs, round);
      if (together && rounds !== undefined) met = rounds.meet(partOf(batch, told ?? map.nodes.keys()));
      if (met === undefined || "finished" in met) break;
      round = met;
      told = new Set();
      for (const { node, finished } of batch.nodeWorks) if (!finished) told.add(node);
      for (const { node } of met.takes) told.add(node);
    }
    const unfinished = unfinishedOf(batch);
    const targetRequests = requestsOf(unfinished);
    const events = batch.log.take(untilNs);
    // Who is done stays for what others of the batch want of its nodes.
    const finished = met === undefined ? unfinished.length === 0 && !batch.log.holds : met.finished;
    if (finished) current = undefined;
    const results: RequestResult[] = [];
    for (const nodeWork of batch.nodeWorks) for (const [index, result] of nodeWork.results) results[index] = result;
    const times = (nodeWorks: readonly NodeWork[]): number[] => nodeWorks.map((nodeWork) => nodeWork.nowNs);
    const endNs =
      unfinished.length === 0 ? Math.max(batch.startNs, ...times(batch.nodeWorks)) : Math.min(...times(unfinished));
    // In the middle of a migration nobody looks: 4.1 asks for targets 256 pages at a time.
    const pages = targetRequests.length > 0 ? new Set<number>() : batch.touchedPages;
    flagBlocks(memory, pages, batch.touched);
    const delta = deltaOf(memory, batch.touched, batch.touchedNodes, pages);
    batch.touched.clear();
    batch.lastTouched = undefined;
    pages.clear();
    handles.watched?.tally(batch.touchedNodes);
    const free = targetRequests.length === 0 ? [] : [...batch.touchedPages].map(freePages);
    const stalled =
      targetRequests.length === 0 && unfinished.length > 0 && unfinished.every((nodeWork) => nodeWork.stalled);
    return { finished, endNs, results, events, delta, targetRequests, free, stalled };
  }

  /** Gives what was planned, goes on with what was answered, and brings every node to its next request or its end. */
  async function work(batch: RunningBatch, untilNs: number, { answers, takes }: SharedRound): Promise<void> {
    for (const take of takes) {
      give(take);
      batch.touchedPages.add(take.node);
    }
    for (const answer of answers) batch.workOf.get(answer.node)?.answer(answer);
    for (const nodeWork of batch.nodeWorks) {
      if (nodeWork.finished) continue;
      await nodeWork.advance(untilNs);
      await breathIfDue(batch, breathBlocks);
    }
    syncManaged(batch);
  }

  /**
   * Balloon pages may have moved: zones count them where they are before anybody plans with what is managed, told or not, since what
   * is told depends on which nodes share a thread.
   */
  function syncManaged({ touchedPages, touchedNodes }: RunningBatch): void {
    for (const id of touchedPages) if (syncManagedOfNode(memory, id)) touchedNodes.add(id);
  }

  function breathIfDue(batch: RunningBatch, blocks: number): Promise<void> | undefined {
    if (!batch.manyBlocks || batch.blocksSinceBreath < blocks) return undefined;
    batch.blocksSinceBreath = 0;
    return breathe?.();
  }

  function unfinishedOf({ nodeWorks }: RunningBatch): NodeWork[] {
    return nodeWorks.filter((nodeWork) => !nodeWork.finished);
  }

  function requestsOf(nodeWorks: readonly NodeWork[]): TargetRequest[] {
    const targetRequests: TargetRequest[] = [];
    for (const { targetRequest } of nodeWorks) if (targetRequest !== undefined) targetRequests.push(targetRequest);
    return targetRequests;
  }

  function partOf(batch: RunningBatch, nodes: Iterable<number>): RoundPart {
    const unfinished = unfinishedOf(batch);
    return {
      targetRequests: requestsOf(unfinished),
      nodes: Array.from(nodes, (id) => ({ memory: nodeOf(map, id), free: freePages(id).zones })),
      finished: unfinished.length === 0,
      events: batch.log.waiting,
    };
  }

  function nodeOfPfn(pfn: number): number {
    return map.blocks.node(Math.floor(pfn / map.blockPages));
  }

  function give(take: PlannedTake): void {
    const result = performPageRequest(map, stores, take, () => {});
    const isKept = "found" in result && result.found.every(({ count }, i) => count === take.planned[i]);
    if (!isKept) throw new Error(`memhp bug: node ${take.node} has not the pages that it was planned to give`);
  }

  function freePages(node: number): FreePages {
    const store = stores.of(node);
    const zones: number[] = [];
    for (const zone of ZONES) zones.push(store.freePages[store.zoneSlot(node, zone)] as number);
    return { node, zones };
  }

  return {
    run(batch, together) {
      if (current !== undefined) throw new RangeError("run: expected an end of the batch before, found it under way");
      if (options.areChecked !== true) checkBatch(map, batch);
      current = start(batch);
      return advance(batch.untilNs, [], [], together);
    },
    advance,
    interrupt(atNs) {
      for (const nodeWork of current?.nodeWorks ?? []) if (!nodeWork.finished) nodeWork.interrupt(atNs);
    },
    pages(requests) {
      if (options.areChecked !== true) checkPageRequests("pages: requests", map.nodes.keys(), requests);
      const touched = new TouchedBlocks();
      const results = requests.map((request) =>
        performPageRequest(map, stores, request, (block) => touched.add(block)),
      );
      const changing = requests.filter(({ op }) => op !== "runs" && op !== "survey" && op !== "audit");
      const nodes = new Set(changing.map(({ node }) => node));
      // Pages that have migrated here can migrate on.
      flagBlocks(memory, new Set(changing.flatMap(({ op, node }) => (op === "accept" ? [] : [node]))), touched);
      return { results, delta: deltaOf(memory, touched, nodes, nodes) };
    },
    counters: () => [...map.nodes.keys()].map((node) => nodePages(stores.of(node), node)),
    snapshot() {
      if (current !== undefined) throw new RangeError("snapshot: expected no batch under way, found one");
      return snapshotNodes({ map, stores, places });
    },
    watch: (watcher) => handles.watch(watcher),
    callbackPages: {
      runs(startPfn, count) {
        const node = nodeOfPfn(startPfn);
        const answer = performPageRequest(map, stores, { op: "runs", node, startPfn, count }, () => {});
        return answer.op === "runs" ? answer.runs : [];
      },
      reference(pfn, change) {
        if (current === undefined) throw new RangeError("reference: expected a batch under way, found none");
        const { touched, touchedPages } = current;
        const node = nodeOfPfn(pfn);
        touchedPages.add(node);
        performPageRequest(map, stores, { op: "reference", node, pfn, change }, (block) => touched.add(block));
      },
      refer(range, references) {
        if (current === undefined) throw new Error("memhp bug: a callback works on pages outside of a batch");
        const node = nodeOfPfn(range.startPfn);
        current.touchedPages.add(node);
        referWithheld(stores.of(node), range, references);
      },
    },
    log(text) {
      if (current === undefined) throw new Error("memhp bug: a log line outside of a batch");
      current.log.emit(current.at.atNs, current.at.node, { type: "log", level: 6, text });
    },
  };
}

interface RunningBatch {
  readonly startNs: number;
  readonly log: EventLog;
  readonly touched: TouchedBlocks;
  lastTouched: number | undefined;
  blocksSinceBreath: number;
  readonly touchedNodes: Set<number>;
  readonly touchedPages: Set<number>;
  readonly nodeWorks: NodeWork[];
  /** The same by node. */
  readonly workOf: Map<number, NodeWork>;
  readonly manyBlocks: boolean;
  /** Where the step that runs now stands in the stream. */
  at: { readonly atNs: number; readonly node: number };
}

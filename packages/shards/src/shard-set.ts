import type { Architecture, EventBody, SimEvent } from "@memhp/abi";
import { type EngineKernel, type NodeMemory, type MemoryMap, type NodePages, restoreMemoryMap } from "@memhp/engine";
import {
  allEvents,
  applyDelta,
  checkPageRequests,
  checkRequests,
  type BatchAnswer,
  EventColumns,
  EventMerge,
  type EventWants,
  type MapDelta,
  type MemoryDriver,
  mergeNodes,
  type NodeRequest,
  type TargetRequest,
  type PageRequest,
  type PageResult,
  type PlannedTake,
  type RequestResult,
} from "@memhp/hotplug";
import type { AttachOptions, Inspection, InspectionPort } from "@memhp/inspect";
import type { HostCallback, Injection, Shard } from "./shard.ts";
import { blockSourceOptions, watcherOf } from "./block-inspection.ts";
import { freePace, type Pace } from "./pace.ts";
import { barrierOf } from "./rounds/round-memory.ts";
import type { RoundPlan } from "./targets/target-plan.ts";
import type { TargetServer } from "./targets/target-server.ts";
import { MachineClock } from "./machine-clock.ts";
import { MemoryGroups, type OnlinePolicy } from "./memory-groups.ts";
import type { MemoryImage } from "./memory-image.ts";

/** Who looks, at which blocks (`block`, `node`, states), and how many at once. */
export type InspectOptions = Pick<AttachOptions, "to" | "choose" | "limit" | "onSinkError">;

/** The machine that shards are part of. */
export interface ShardSetHost {
  readonly kernel: EngineKernel;
  readonly arch: Architecture;
  /** Boot option movable_node. */
  readonly movableNode: boolean;
}

/** What a shard is told when it goes on. */
interface Turn {
  readonly untilNs: number;
  readonly begin: boolean;
  readonly served: RoundPlan;
  /** Rounds are planned among the shards. */
  readonly together: boolean;
}

const NOTHING: RoundPlan = { answers: [], takes: [] };

/**
 * The shards of a machine and a replica of what they hold. Requests go to the shard that
 * owns their node; answers bring back rows, nodes and events once. Reads never leave this thread.
 */
export class ShardSet {
  readonly clock: MachineClock;
  /** Replica of all shards' maps; only answers of shards change it. */
  readonly map: MemoryMap;
  /** Page counters of each node, as its shard last told them. */
  readonly pages: Map<number, NodePages> = new Map();
  readonly #shards: readonly Shard[];
  readonly #shardOf: ReadonlyMap<number, number>;
  /** The groups that memory comes with, and how they weigh where a block chooses its zone. */
  readonly groups: MemoryGroups;
  wants: EventWants = allEvents;
  /** How long a page takes to move, in nanoseconds, for what begins from now on; undefined: as long as usual. */
  migratePageNs: number | undefined;
  injection: Injection | undefined;
  /** Serves what nodes ask of each other; without it nothing can migrate. */
  targetServer: TargetServer | undefined;
  #broken: Error | undefined;
  readonly #pace: Pace;
  #underWay: readonly number[] = [];
  #untold: SimEvent[] = [];
  /** Hears of blocks whose state or zone a batch has changed, when the batch has ended. */
  onBlocks: ((blocks: ReadonlySet<number>) => void) | undefined;
  readonly #changedBlocks = new Set<number>();
  /** Callbacks of the host program are asked from the shards, and may ask them. */
  #hasHostCallbacks = false;
  #endPfn = 0;

  /**
   * @param image of all nodes, whose slices the shards started with.
   * @param time of the machine; by default time passes as fast as the work goes.
   */
  constructor(
    { kernel, arch, movableNode }: ShardSetHost,
    { nodes, endPfn, clock, ...groups }: MemoryImage,
    shards: readonly Shard[],
    shardOf: ReadonlyMap<number, number>,
    policy: OnlinePolicy,
    time?: { readonly clock: MachineClock; readonly pace: Pace },
  ) {
    this.map = restoreMemoryMap(nodes.map, kernel, arch);
    this.clock = time?.clock ?? new MachineClock(clock);
    this.#pace = time?.pace ?? freePace();
    this.#shards = shards;
    this.#shardOf = shardOf;
    this.groups = new MemoryGroups(this.map, policy, movableNode, groups);
    this.#endPfn = endPfn;
    for (const shard of shards) shard.onGone?.((reason) => this.#fail(reason));
  }

  /** Nothing can go on any more, for anybody. */
  #fail(reason: Error): void {
    this.#broken ??= reason;
    // Nobody waits for a shard that is gone.
    const { roundMemory } = this.#shards[0] ?? {};
    if (roundMemory !== undefined) barrierOf(roundMemory).break();
    this.#pace.fail(this.#broken);
  }

  /** How often the replica has changed: its blocks and nodes, and the counters of pages. */
  readonly revision: { map: number; pages: number } = { map: 0, pages: 0 };

  /**
   * Counters that shards have told of in the middle of a migration. Which of them have, depends on how nodes are spread over shards; so
   * nobody sees them before all have come to rest.
   */
  readonly #untoldPages = new Map<number, NodePages>();

  #learn(delta: MapDelta, ofMap: boolean, pages: Map<number, NodePages> = this.pages): void {
    const isManagedNew = delta.nodes.some((node) => managedOf(node) !== managedOf(this.map.nodes.get(node.id)));
    applyDelta(this.map, delta, pages);
    if (pages === this.pages) for (const { node } of delta.pages) this.#untoldPages.delete(node);
    this.revision.pages++;
    if (this.onBlocks !== undefined)
      for (const { row, count } of delta.rows) for (let i = 0; i < count; i++) this.#changedBlocks.add(row.id + i);
    if (ofMap || isManagedNew || delta.rows.length > 0) this.revision.map++;
  }

  /** max_pfn: one past the highest frame that ever had a struct page; removing memory does not lower it. */
  get endPfn(): number {
    this.#noteEnd(this.map.blocks.ids());
    return this.#endPfn;
  }

  #noteEnd(blocks: Iterable<number>): void {
    for (const id of blocks) this.#endPfn = Math.max(this.#endPfn, (id + 1) * this.map.blockPages);
  }

  /**
   * Runs requests, those of different nodes beside each other, and returns their results in order.
   * @throws RangeError, TypeError for a request of a node or a block that is not here; nothing has begun.
   */
  async execute(requests: readonly NodeRequest[]): Promise<RequestResult[]> {
    checkRequests("execute: requests", this.map, requests);
    if (this.#broken !== undefined) throw this.#broken;
    try {
      // auto-movable weighs the whole machine, so its nodes go one after another.
      if (!this.groups.weighsOtherNodes) return await this.#executeTogether(requests);
      const results: RequestResult[] = [];
      for (const request of requests) results.push(...(await this.#executeTogether([request])));
      return results;
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  async #executeTogether(requests: readonly NodeRequest[]): Promise<RequestResult[]> {
    const split = this.#byShard(requests);
    const results: RequestResult[] = [];
    const meets = this.#planTogether(requests, split.size);
    let running = meets ? this.#shards.map((_, shard) => [shard, split.get(shard) ?? []] as const) : [...split];
    let begin = true;
    let endNs = this.clock.nowNs;
    let served: RoundPlan = NOTHING;
    const free = new Map<number, readonly number[]>();
    const events = new EventMerge();
    while (running.length > 0) {
      const { untilNs } = this.#pace;
      this.#underWay = running.map(([shard]) => shard);
      const together = meets && untilNs === Number.POSITIVE_INFINITY && running.length === this.#shards.length;
      const answers = await Promise.all(
        running.map(([shard, part]) => this.#ask(shard, part, { untilNs, begin, served, together })),
      );
      begin = false;
      const targetRequests = answers
        .flatMap((answer) => answer.targetRequests)
        .sort((a, b) => a.atNs - b.atNs || a.node - b.node);
      // What a node that waits will do next may come before what others have done already.
      for (const answer of answers) events.add(answer.events);
      this.clock.tellBefore(targetRequests[0]?.atNs ?? Number.POSITIVE_INFINITY, events);
      if (targetRequests.length === 0) this.#tellPages();
      for (const answer of answers) {
        this.#learn(answer.delta, true, targetRequests.length === 0 ? this.pages : this.#untoldPages);
        for (const { node } of answer.delta.pages) free.delete(node);
        for (const { node, zones } of answer.free) free.set(node, zones);
      }
      for (const [i, answer] of answers.entries()) {
        if (answer.finished) endNs = Math.max(endNs, answer.endNs);
        const part = (running[i] as (typeof running)[number])[1];
        for (const [j, result] of answer.results.entries()) {
          if (result === undefined) continue;
          results[(part[j] as (typeof part)[number]).index] = result;
          if (result.op === "add") this.#noteEnd(result.blocks);
        }
      }
      running = running.filter((_, i) => answers[i]?.finished === false);
      served = targetRequests.length === 0 ? NOTHING : await this.#serve(targetRequests, free);
      await this.#takeElsewhere(served.takes, new Set(running.map(([shard]) => shard)));
      events.add(EventColumns.of(this.#untold.splice(0)));
      if (running.length > 0 && targetRequests.length === 0) await this.#pause(untilNs);
    }
    this.#underWay = [];
    // A nanosecond later, so that what follows never shares a time with this batch's last events.
    this.clock.advanceTo(endNs + 1);
    if (this.#changedBlocks.size > 0) {
      const changed = new Set(this.#changedBlocks);
      this.#changedBlocks.clear();
      this.onBlocks?.(changed);
    }
    return results;
  }

  #tellPages(): void {
    if (this.#untoldPages.size === 0) return;
    for (const [node, pages] of this.#untoldPages) this.pages.set(node, pages);
    this.#untoldPages.clear();
  }

  /** Requests by the shard that owns their node, each with its place in the list. */
  #byShard<T extends { readonly node: number }>(requests: readonly T[]): Map<number, { request: T; index: number }[]> {
    const split = new Map<number, { request: T; index: number }[]>();
    for (const [index, request] of requests.entries()) {
      const shard = this.#shardOf.get(request.node);
      if (shard === undefined) throw new Error(`memhp bug: no shard owns node ${request.node}`);
      const part = split.get(shard);
      if (part === undefined) split.set(shard, [{ request, index }]);
      else part.push({ request, index });
    }
    return split;
  }

  /** Plans the round if it can; else it asks, one node after another. */
  async #serve(targetRequests: readonly TargetRequest[], free: Map<number, readonly number[]>): Promise<RoundPlan> {
    if (this.targetServer === undefined) throw new Error("memhp bug: nobody serves requests for targets");
    const told = (node: number): readonly number[] =>
      (this.#untoldPages.get(node) ?? this.pages.get(node))?.zones.map(({ freePages }) => freePages) ?? [];
    const plan = this.targetServer.plan(targetRequests, (node) => free.get(node) ?? told(node));
    if (plan !== undefined) return plan;
    const work = (requests: readonly PageRequest[]): Promise<PageResult[]> => {
      // What they change, their shards have told when they answer.
      for (const { node } of requests) free.delete(node);
      return this.#pagesNow(requests);
    };
    return { answers: await this.targetServer.serve(targetRequests, work), takes: [] };
  }

  /** What shards give that have no part in the batch any more; the others give theirs before they go on. */
  async #takeElsewhere(takes: readonly PlannedTake[], running: ReadonlySet<number>): Promise<void> {
    const elsewhere = takes.filter(({ node }) => !running.has(this.#shardOf.get(node) as number));
    const results = elsewhere.length === 0 ? [] : await this.#pagesNow(elsewhere, this.#untoldPages);
    for (const [i, result] of results.entries()) {
      const { node, planned } = elsewhere[i] as PlannedTake;
      if (!("found" in result) || result.found.some(({ count }, folio) => count !== planned[folio]))
        throw new Error(`memhp bug: node ${node} has not the pages that it was planned to give`);
    }
  }

  async #pause(untilNs: number): Promise<void> {
    if (this.#pace.untilNs === untilNs && untilNs !== Number.POSITIVE_INFINITY)
      this.clock.advanceTo(Math.max(this.clock.nowNs, untilNs));
    await this.#pace.pause(untilNs);
  }

  /** Works on pages at once: takes no simulated time and not the hotplug lock. Never while a batch is at work, only where it waits. @throws RangeError, TypeError */
  async work(requests: readonly PageRequest[]): Promise<PageResult[]> {
    checkPageRequests("work: requests", this.#shardOf.keys(), requests);
    if (this.#broken !== undefined) throw this.#broken;
    const results = await this.#pagesNow(requests);
    this.#pace.wake();
    return results;
  }

  async #pagesNow(requests: readonly PageRequest[], pages: Map<number, NodePages> = this.pages): Promise<PageResult[]> {
    const split = this.#byShard(requests);
    const results: PageResult[] = [];
    await Promise.all(
      [...split].map(async ([shard, part]) => {
        const answer = await (this.#shards[shard] as Shard).pages(part.map(({ request }) => request));
        // Whoever works on pages leaves nodes and zones as they are.
        this.#learn(answer.delta, false, pages);
        for (const [i, { index }] of part.entries()) results[index] = answer.results[i] as PageResult;
      }),
    );
    return results;
  }

  /** Signals the writers of the work under way. */
  async interrupt(): Promise<void> {
    for (const shard of this.#underWay) await (this.#shards[shard] as Shard).interrupt(this.clock.nowNs);
    this.#pace.wake();
  }

  /** Asks the shards for the page counters of their nodes. */
  async learn(): Promise<void> {
    const counters = (await Promise.all(this.#shards.map((shard) => shard.counters()))).flat();
    // In the order of the nodes, however they are spread over shards.
    for (const pages of counters.sort((a, b) => a.node - b.node)) this.pages.set(pages.node, pages);
    this.#untoldPages.clear();
  }

  /** Everything that the shards hold, as one plain value. No work is under way. */
  async snapshot(): Promise<MemoryImage> {
    if (this.#broken !== undefined) throw this.#broken;
    const slices = await Promise.all(this.#shards.map((shard) => shard.snapshot()));
    return {
      nodes: mergeNodes(slices, this.map),
      ...this.groups.snapshot(),
      endPfn: this.endPfn,
      clock: this.clock.snapshot(this.#pace.horizonNs),
    };
  }

  /**
   * Whether the shards plan rounds among themselves, as long as they can: where each has a thread of its own and several have work
   * whose pages migrate; 4.1 may end programs, and callbacks of the host may ask a shard that waits.
   */
  #planTogether(requests: readonly NodeRequest[], shards: number): boolean {
    return (
      shards > 1 &&
      !this.#hasHostCallbacks &&
      this.map.kernel.pages.offlineRetries !== "bounded" &&
      requests.every(({ op }) => op === "offline" || op === "withhold") &&
      this.#shards.every(({ roundMemory }) => roundMemory !== undefined)
    );
  }

  #ask(
    index: number,
    part: readonly { request: NodeRequest }[],
    { untilNs, begin, served, together }: Turn,
  ): Promise<BatchAnswer> {
    const shard = this.#shards[index] as Shard;
    const { answers, takes } = served;
    if (!begin)
      return shard.advance(
        untilNs,
        answers.filter(({ node }) => this.#shardOf.get(node) === index),
        takes.filter(({ node }) => this.#shardOf.get(node) === index),
        together,
      );
    const requests = part.map((entry) => entry.request);
    const node = requests[0]?.node ?? 0;
    const slow = this.migratePageNs === undefined ? {} : { migratePageNs: this.migratePageNs };
    return shard.run(
      { startNs: this.clock.nowNs, untilNs, requests, policy: this.groups.policyFor(node), wants: this.wants, ...slow },
      this.injection,
      together,
    );
  }

  emit(body: EventBody): void {
    this.clock.emit(body);
  }

  /** An event of the machine at a moment of the batch under way; it takes its place among what the nodes tell. */
  emitAt(atNs: number, body: EventBody): void {
    const seq = this.#untold.filter((event) => event.atNs === atNs).length;
    this.#untold.push({ ...body, atNs, node: -1, seq });
  }

  async registerNotifier(name: string, priority: number, callback: HostCallback): Promise<void> {
    this.#hasHostCallbacks = true;
    for (const shard of this.#shards) await shard.registerNotifier(name, priority, callback);
  }

  /** A driver of memory devices joins the chain of every shard. */
  async joinChain(driver: MemoryDriver): Promise<void> {
    for (const shard of this.#shards) await shard.joinChain(driver);
  }

  /** Joins the blocks of all shards to those who look at them. */
  async inspect(options: InspectOptions): Promise<Inspection> {
    const { choose = {} } = options;
    // Code that a page loads when somebody looks.
    const { attachInspector } = await import("@memhp/inspect");
    const remote = this.#shards.filter((shard) => shard.inspect !== undefined);
    const channels = remote.map(() => new MessageChannel());
    const inspection = attachInspector({
      ...blockSourceOptions,
      ...options,
      ports: channels.map((channel) => channel.port1 as unknown as InspectionPort),
    });
    for (const shard of this.#shards) shard.watch?.(watcherOf(inspection.local));
    for (const [i, shard] of remote.entries()) {
      await shard.inspect?.((channels[i] as MessageChannel).port2, `shard-${i}`, choose);
    }
    return inspection;
  }

  async close(): Promise<void> {
    this.#fail(new Error("the machine is closed"));
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }
}

/** What watermarks are shares of. */
function managedOf(node: NodeMemory | undefined): number {
  return node?.zones.reduce((sum, zone) => sum + zone.managedPages, 0) ?? 0;
}

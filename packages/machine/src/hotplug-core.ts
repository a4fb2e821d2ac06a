import { type EventBody } from "@memhp/abi";
import { addBalance, balanceOfNode, bootMemoryMap, type MemoryMap, type PolicyInput } from "@memhp/engine";
import {
  allEvents,
  applyDelta,
  type BatchAnswer,
  type EventWants,
  type NodeRequest,
  type RequestResult,
} from "@memhp/hotplug";
import { type AttachOptions, attachInspector, type Inspection, type InspectionPort } from "@memhp/inspect";
import type { Board } from "./board.ts";
import type { HotplugParameters } from "./boot-options.ts";
import type { HostCallback, Injection, Shard } from "./shard.ts";
import { blockSourceOptions, watcherOf } from "./block-inspection.ts";
import { Timeline } from "./timeline.ts";

/** Who looks, at which blocks (`block`, `node`, states), and how many at once. */
export type InspectOptions = Pick<AttachOptions, "to" | "choose" | "limit" | "onSinkError">;

/**
 * The shards of a machine and a replica of what they hold. Requests go to the shard that
 * owns their node; answers bring back rows, nodes and events once. Reads never leave this thread.
 */
export class HotplugCore {
  readonly timeline: Timeline = new Timeline();
  /** Replica of all shards' maps; only answers of shards change it. */
  readonly map: MemoryMap;
  readonly #shards: readonly Shard[];
  readonly #shardOf: ReadonlyMap<number, number>;
  /** /sys/module/memory_hotplug/parameters; what is written there counts from then on. */
  readonly parameters: HotplugParameters;
  readonly #movableNode: boolean;
  wants: EventWants = allEvents;
  injection: Injection | undefined;
  #broken: Error | undefined;
  readonly #groupPages = new Map<number, number>();

  constructor(
    board: Board,
    shards: readonly Shard[],
    shardOf: ReadonlyMap<number, number>,
    parameters: HotplugParameters,
  ) {
    this.map = bootMemoryMap(board.layout);
    this.#shards = shards;
    this.#shardOf = shardOf;
    this.parameters = parameters;
    this.#movableNode = board.layout.options.movableNode;
  }

  /** Pages of a memory group (one DIMM), which auto-movable weighs. */
  addGroupPages(group: number, pages: number): void {
    this.#groupPages.set(group, (this.#groupPages.get(group) ?? 0) + pages);
  }

  /** What a choice of zone on `node` takes into account now. */
  policyFor(node: number): PolicyInput {
    const { policy, ratio, numaAware } = this.parameters;
    let otherNodes = { earlyKernelPages: 0, movablePages: 0 };
    if (policy === "auto-movable") {
      for (const other of this.map.nodes.values())
        if (other.id !== node) otherNodes = addBalance(otherNodes, balanceOfNode(other));
    }
    return { policy, ratio, numaAware, movableNode: this.#movableNode, otherNodes, groupMaxPages: this.#groupPages };
  }

  /** Runs requests, those of different nodes beside each other, and returns their results in order. */
  async execute(requests: readonly NodeRequest[]): Promise<RequestResult[]> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      // auto-movable weighs the whole machine, so its nodes go one after another.
      if (this.parameters.policy !== "auto-movable") return await this.#executeTogether(requests);
      const results: RequestResult[] = [];
      for (const request of requests) results.push(...(await this.#executeTogether([request])));
      return results;
    } catch (error) {
      this.#broken ??= error as Error;
      throw error;
    }
  }

  async #executeTogether(requests: readonly NodeRequest[]): Promise<RequestResult[]> {
    const split = new Map<number, { request: NodeRequest; index: number }[]>();
    for (const [index, request] of requests.entries()) {
      const shard = this.#shardOf.get(request.node);
      if (shard === undefined) throw new Error(`memhp bug: no shard owns node ${request.node}`);
      split.set(shard, [...(split.get(shard) ?? []), { request, index }]);
    }
    const results: RequestResult[] = [];
    let running = [...split];
    let begin = true;
    let endNs = this.timeline.nowNs;
    while (running.length > 0) {
      const untilNs = this.timeline.limitNs;
      const answers = await Promise.all(running.map(([shard, part]) => this.#ask(shard, part, untilNs, begin)));
      begin = false;
      this.timeline.merge(answers.map((answer) => answer.events));
      for (const answer of answers) applyDelta(this.map, answer.delta);
      for (const [i, answer] of answers.entries()) {
        if (answer.finished) endNs = Math.max(endNs, answer.endNs);
        const part = (running[i] as (typeof running)[number])[1];
        for (const [j, result] of answer.results.entries())
          if (result !== undefined) results[(part[j] as (typeof part)[number]).index] = result;
      }
      running = running.filter((_, i) => answers[i]?.finished === false);
      if (running.length > 0) {
        this.timeline.advanceTo(Math.max(this.timeline.nowNs, untilNs));
        this.#paused?.();
        await this.timeline.limitMoved();
      }
    }
    // A nanosecond later, so that what follows never shares a time with this batch's last events.
    this.timeline.advanceTo(endNs + 1);
    return results;
  }

  #paused: (() => void) | undefined;

  /** Settles when the work under way has stopped at the timeline's limit. */
  untilPaused(): Promise<void> {
    return new Promise((resolve) => {
      this.#paused = () => {
        this.#paused = undefined;
        resolve();
      };
    });
  }

  #ask(
    index: number,
    part: readonly { request: NodeRequest }[],
    untilNs: number,
    begin: boolean,
  ): Promise<BatchAnswer> {
    const shard = this.#shards[index] as Shard;
    if (!begin) return shard.advance(untilNs);
    const requests = part.map((entry) => entry.request);
    const node = requests[0]?.node ?? 0;
    return shard.run(
      { startNs: this.timeline.nowNs, untilNs, requests, policy: this.policyFor(node), wants: this.wants },
      this.injection,
    );
  }

  emit(body: EventBody): void {
    this.timeline.emit(body);
  }

  async registerNotifier(name: string, priority: number, callback: HostCallback): Promise<void> {
    for (const shard of this.#shards) await shard.registerNotifier(name, priority, callback);
  }

  /** Joins the blocks of all shards to those who look at them. */
  async inspect(options: InspectOptions): Promise<Inspection> {
    const { choose = {} } = options;
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
    this.#broken ??= new Error("the machine is closed");
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }
}

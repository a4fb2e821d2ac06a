import { emptyNode, type NodeMemory } from "@memhp/engine";
import type { RoundPart, Rounds, SharedRound, TargetRequest } from "@memhp/hotplug";
import type { ShardInit } from "../shard.ts";
import { type Topology, RoundPlanner } from "../targets/round-planner.ts";
import type { Barrier } from "./barrier.ts";
import {
  type NodeCounters,
  OwnerNames,
  type PartHead,
  readHead,
  readNodes,
  readRequests,
  writePart,
} from "./part-codec.ts";
import { barrierOf, partNumbers, type RoundMemory } from "./round-memory.ts";

/** With so many events waiting the machine has a turn, so that a run streams what it tells. */
const MOST_EVENTS = 2 ** 15;

/**
 * Shards plan their rounds where they stand: each tells the others what its nodes ask for and what they have, in memory that all
 * share, and each makes the same plan of it. A message to the machine and back would take longer than most rounds do.
 */
export class SharedRounds implements Rounds {
  readonly #shard: number;
  readonly #barrier: Barrier;
  /** What all shards tell in rounds of even and of odd number. */
  readonly #parts: readonly (readonly Float64Array[])[];
  readonly #nodes = new Map<number, NodeMemory>();
  readonly #counters = new Map<number, NodeCounters>();
  /** Nodes of this shard. */
  readonly #own = new Set<number>();
  readonly #names = new OwnerNames();
  readonly #planner: RoundPlanner;
  #parity = 0;

  constructor(memory: RoundMemory, topology: Topology) {
    this.#shard = memory.shard;
    this.#barrier = barrierOf(memory);
    this.#parts = [0, 1].map((parity) =>
      Array.from({ length: memory.shards }, (_, shard) => partNumbers(memory, shard, parity)),
    );
    this.#planner = new RoundPlanner({ ...topology, nodes: this.#nodes });
  }

  meet(part: RoundPart): SharedRound | { readonly finished: boolean } {
    const parts = this.#parts[this.#parity] as readonly Float64Array[];
    this.#parity = 1 - this.#parity;
    writePart(parts[this.#shard] as Float64Array, part);
    if (!this.#barrier.arrive()) return { finished: false };
    const heads: PartHead[] = [];
    let requests = 0;
    let events = 0;
    let finished = true;
    for (const numbers of parts) {
      const head = readHead(numbers);
      if (head === undefined) return { finished: false };
      heads.push(head);
      requests += head.requests;
      events += head.events;
      finished &&= head.finished;
    }
    if (requests === 0) return { finished };
    const targetRequests = [...part.targetRequests];
    for (const [i, head] of heads.entries()) this.#read(parts[i] as Float64Array, head, i, targetRequests);
    if (events > MOST_EVENTS) return { finished: false };
    targetRequests.sort(inTurn);
    return this.#planner.plan(targetRequests, this.#freePages, this.#isOwn) ?? { finished: false };
  }

  /** Someone of the shards is gone, or has failed: nobody waits for it. */
  break(): void {
    this.#barrier.break();
  }

  #read(numbers: Float64Array, head: PartHead, shard: number, targetRequests: TargetRequest[]): void {
    const isOwn = shard === this.#shard;
    const at = readNodes(numbers, head, isOwn ? this.#ownCountersOf : this.#countersOf);
    if (!isOwn) readRequests(numbers, head, at, this.#names, targetRequests);
  }

  readonly #countersOf = (id: number): NodeCounters => {
    let counters = this.#counters.get(id);
    if (counters !== undefined) return counters;
    const memory = emptyNode(id);
    this.#nodes.set(id, memory);
    this.#counters.set(id, (counters = { memory, free: [] }));
    return counters;
  };

  readonly #ownCountersOf = (id: number): NodeCounters => {
    this.#own.add(id);
    return this.#countersOf(id);
  };

  readonly #freePages = (node: number): readonly number[] => this.#counters.get(node)?.free ?? [];
  readonly #isOwn = (node: number): boolean => this.#own.has(node);
}

/** The order in which requests are served. */
function inTurn(a: TargetRequest, b: TargetRequest): number {
  return a.atNs - b.atNs || a.node - b.node;
}

const LOCAL_DISTANCE = 10;
const REMOTE_DISTANCE = 20;

/** Where a shard that has a thread of its own plans rounds with the others; undefined where it is alone. */
export function roundsOf({ kernel, arch, rounds }: ShardInit): SharedRounds | undefined {
  if (rounds === undefined) return undefined;
  const { memory, distances, taskNode } = rounds;
  const distance = (from: number, to: number): number =>
    distances?.[from]?.[to] ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
  return new SharedRounds(memory, { kernel, arch, distance, taskNode });
}
